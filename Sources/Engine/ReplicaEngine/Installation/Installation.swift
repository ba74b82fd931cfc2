package import CoreTypes
internal import DurableLog
internal import PeerWire

/// A snapshot on its way from a peer into this replica. Confined like the engine it belongs to.
///
/// The phases, in their order; any failure goes back to the first one.
final class Installation {
    enum Phase: Equatable {
        /// Pieces arrive, one asked for at a time.
        case receiving
        /// The file is whole on disk; it is verified, and a store is made of it beside the present one.
        case preparing
        /// The new store is durable. The log says so once its record, at this place, is.
        case recording(PreparedStore, LogSequence)
    }

    var phase = Phase.receiving
    /// Who sends it. A transfer goes on only with the same file of the same replica.
    var donor: ReplicaID
    /// What it sends; `none` before the first piece.
    var name = SnapshotName.none
    /// Bytes that arrived.
    var offset: UInt64 = 0
    /// When the present question is asked again.
    var deadline: Tick
    /// How often it was asked again since the last piece.
    var repetitionCount = 0
    let beginTick: Tick
    /// The present store is damaged, or another one than the other replicas have: nothing is applied to it any more, and
    /// a snapshot of the very slot it stands at serves, too.
    let isRepair: Bool

    /// How long a piece is waited for.
    static let pieceMilliseconds: UInt64 = 1_000
    /// How long after one has no snapshot it is asked again: it takes one meanwhile.
    static let refusalMilliseconds: UInt64 = 250
    /// How often one is asked for again before another replica is asked for its snapshot.
    static let repetitionCountMax = 3
    /// How long after a failure, of the disk for example, it is begun anew.
    static let retryMilliseconds: UInt64 = 2_000

    init(from donor: ReplicaID, isRepair: Bool, now: Tick) {
        self.donor = donor
        self.isRepair = isRepair
        deadline = now
        beginTick = now
    }

    /// Begins from the first byte, with the same or another replica.
    func restart(from donor: ReplicaID, at tick: Tick) {
        phase = .receiving
        self.donor = donor
        name = .none
        offset = 0
        repetitionCount = 0
        deadline = tick
    }
}

/// A store that was made of a snapshot, beside the present one.
package struct PreparedStore: Equatable, Sendable {
    package var slot: Slot
    package var zxid: Zxid

    package init(slot: Slot, zxid: Zxid) {
        self.slot = slot
        self.zxid = zxid
    }
}
