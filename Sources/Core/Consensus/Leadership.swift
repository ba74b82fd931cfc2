internal import CoreTypes

/// What a replica knows as a candidate or leader of one ballot. Without meaning in the other roles.
struct Leadership: Hashable, Sendable {
    var ballot = Ballot.none
    /// The record of the own promise, which is durable before any prepare leaves.
    var promiseToken = PersistToken.none
    /// The promises received, one per replica; the own one is added when the lead begins.
    var replies: [PromiseReply] = []
    /// When prepare is sent again to those that have not answered.
    var prepareDeadline = Tick(rawValue: 0)

    // MARK: Leader only

    /// The first slot of this ballot: everything below was known to be chosen by someone in the phase 1 quorum.
    var firstSlot = Slot(rawValue: 1)
    /// The last slot in which phase 1 found anything.
    var inheritedThrough = Slot.none
    /// The next slot to propose in. Invariant: every slot from `firstSlot` to the one before holds a value under
    /// `ballot`.
    var nextSlot = Slot(rawValue: 1)
    /// The last slot up to which a phase 1 quorum, of the membership in force there, has promised.
    var promisedThrough = Slot.none
    /// The own accept records of all slots of this ballot through this one are durable.
    var ownDurable = Slot.none
    /// Bytes proposed and not chosen.
    var byteCount = 0
    /// Everything inherited is chosen and applied. Invariant: never reset within a ballot.
    var isServing = false
    /// Who was asked for bytes, through which slot, and when that is repeated.
    var heldHolder = ReplicaID.none
    var heldDeadline = Tick(rawValue: 0)
    var heldAskedThrough = Slot.none

    // MARK: Heartbeats and reads

    /// The round of the last heartbeat.
    var round: UInt64 = 0
    /// The highest round that a quorum answered.
    var confirmedRound: UInt64 = 0
    /// The last round that was started for reads.
    var readRound: UInt64 = 0
    var readRoundDeadline = Tick(rawValue: 0)
    var heartbeatDeadline = Tick(rawValue: 0)
    /// The own clock at the start of round `echoRound`, as for a peer.
    var echoTick = Tick(rawValue: 0)
    var echoRound: UInt64 = 0
    /// The first slot that was not chosen when the clock last moved, and since when it has been the first.
    var stalledSlot = Slot.none
    var stalledSince = Tick(rawValue: 0)
    /// When the lead began.
    var beginning = Tick(rawValue: 0)

    // MARK: Hand-over

    /// Who is to lead next; `none` when nobody is.
    var transferTarget = ReplicaID.none
    var transferDeadline = Tick(rawValue: 0)
    var isTransferSent = false
}

/// Bytes that a new leader asked for and that the shell holds during one step.
struct HeldValue: Hashable, Sendable {
    var slot: Slot
    var ballot: Ballot
    var value: ValueDescriptor
}

/// A promise and who made it.
struct PromiseReply: Hashable, Sendable {
    var identity: ReplicaIdentity
    var promise: Promise
}

/// The trivial part of a scheduled membership, for the hot path.
struct QuorumRule: Hashable, Sendable {
    var firstSlot: Slot
    var voterMask: UInt64
    var quorumCount: Int
    /// This replica's bit; 0 when it has no vote under its incarnation.
    var ownBit: UInt64
}
