internal import Consensus
internal import CoreTypes

/// Compares the digests that the replicas have of their trees and sessions at the same slots (`design.md` D9).
///
/// Replicas apply the same commands to the same state; one whose digest differs from that of a quorum has another state,
/// by a fault of its memory or disk or of the software, and must not serve. If no quorum agrees, nobody knows who is
/// right, and nobody may serve.
struct DigestComparison {
    enum Verdict: Equatable {
        case undecided
        /// A quorum, this replica in it, has the same digest.
        case agreed
        /// A quorum has another digest than this replica.
        case differs
        /// All voters have told, and no quorum agrees.
        case nobodyKnows
    }

    private struct Row {
        var slot: Slot
        var own: UInt64?
        /// One for each peer that told, by rising replica.
        var others: [(replica: ReplicaID, digest: UInt64)] = []
    }

    /// By rising slot.
    private var rows: [Row] = []
    /// Every slot through this one was judged.
    private var judged = Slot.none

    /// Slots that are compared at a time: what a replica lags behind beyond that is not compared.
    private static let rowCountMax = 16

    /// This replica's digest at a slot.
    mutating func note(own digest: UInt64, at slot: Slot, in membership: Membership, own replica: ReplicaID) -> Verdict
    {
        guard let index = row(of: slot) else { return .undecided }
        rows[index].own = digest
        return judge(index, membership, replica)
    }

    /// A peer's digest at a slot.
    mutating func note(
        _ digest: UInt64, of peer: ReplicaID, at slot: Slot, in membership: Membership, own replica: ReplicaID
    ) -> Verdict {
        guard let index = row(of: slot) else { return .undecided }
        rows[index].others.removeAll { $0.replica == peer }
        rows[index].others.append((peer, digest))
        return judge(index, membership, replica)
    }

    private mutating func row(of slot: Slot) -> Int? {
        guard slot > judged else { return nil }
        if let index = rows.firstIndex(where: { $0.slot == slot }) { return index }
        rows.append(Row(slot: slot))
        rows.sort { $0.slot < $1.slot }
        if rows.count > Self.rowCountMax { judged = rows.removeFirst().slot }
        return rows.firstIndex { $0.slot == slot }
    }

    private mutating func judge(_ index: Int, _ membership: Membership, _ replica: ReplicaID) -> Verdict {
        let row = rows[index]
        guard let own = row.own else { return .undecided }
        let told = row.others + [(replica, own)]
        func voters(_ digest: UInt64?) -> UInt64 {
            told.reduce(0) { set, entry in
                guard digest == nil || entry.digest == digest, let place = membership.index(of: entry.replica) else {
                    return set
                }
                return set | 1 << UInt64(place)
            }
        }
        for entry in told where membership.isQuorum(voters(entry.digest)) {
            judged = max(judged, row.slot)
            rows.removeAll { $0.slot <= row.slot }
            return entry.digest == own ? .agreed : .differs
        }
        return voters(nil) & membership.voterMask == membership.voterMask ? .nobodyKnows : .undecided
    }
}
