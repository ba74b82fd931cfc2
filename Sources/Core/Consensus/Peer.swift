internal import CoreTypes
internal import DequeModule

/// A slot on its way to a peer.
struct SentSlot: Hashable, Sendable {
    var slot: Slot
    var byteCount: UInt32
}

/// What a replica knows about another one; most of it is of use to a leader only.
struct Peer: Hashable, Sendable {
    let replica: ReplicaID
    /// As of the last message. Invariant: facts below stem from this incarnation.
    var incarnation: Incarnation?
    /// When a message of it last arrived in the present ballot.
    var lastHeard: Tick?

    // MARK: Flow control

    /// The next slot to send. Slots below are sent, or chosen and left to the peer to fetch.
    var nextSlot = Slot(rawValue: 1)
    /// Sent and not acknowledged, by rising slot.
    var sent: Deque<SentSlot> = []
    /// Bytes of `sent`. Invariant: their sum.
    var sentByteCount = 0
    /// When `sent` last got shorter or began.
    var progressTick = Tick(rawValue: 0)
    /// The chosen slot that the peer was last told.
    var announcedThrough = Slot.none

    // MARK: Confirmation

    /// The highest heartbeat round that it answered.
    var answeredRound: UInt64 = 0
    /// The newest tick of its clock that it told.
    var latestTick = Tick(rawValue: 0)
    /// `latestTick` as of the start of round `echoRound`, to be confirmed when that round is.
    var echoTick = Tick(rawValue: 0)
    var echoRound: UInt64 = 0
    /// A quorum confirmed the leader after the peer's clock showed this.
    var confirmedTick = Tick(rawValue: 0)

    init(replica: ReplicaID) { self.replica = replica }

    /// Begins anew for a ballot: nothing is sent, and the first slot to send is `slot`.
    mutating func begin(at slot: Slot, now: Tick) {
        rewind(to: slot, now: now)
        announcedThrough = .none
        answeredRound = 0
        echoRound = 0
        lastHeard = nil
        latestTick = Tick(rawValue: 0)
        echoTick = latestTick
        confirmedTick = latestTick
    }

    /// Forgets what is under way and sends again from `slot` on.
    mutating func rewind(to slot: Slot, now: Tick) {
        nextSlot = slot
        sent.removeAll(keepingCapacity: true)
        sentByteCount = 0
        progressTick = now
    }

    /// Takes out what an acknowledgement through `slot` covers.
    mutating func acknowledge(through slot: Slot, now: Tick) {
        while let first = sent.first, first.slot <= slot {
            sentByteCount -= Int(first.byteCount)
            sent.removeFirst()
            progressTick = now
        }
    }
}
