internal import CoreTypes

/// What one replica is told at its start. Nothing in here is replicated.
package struct Configuration: Hashable, Sendable {
    package var identity: ReplicaIdentity
    /// Of the generator that spreads election time-outs. Two replicas with one seed still differ by their number.
    package var seed: UInt64

    /// How keen this replica is to lead, 0 to 7: each step below 7 adds `priorityStepMilliseconds` to its time-outs.
    package var priority: UInt8 = 7
    package var priorityStepMilliseconds: UInt64 = 20

    /// A leader that has nothing else to say says so this often.
    package var heartbeatMilliseconds: UInt64 = 40
    /// Silence of the leader after which a follower asks for an election; also the silence of a quorum after which a
    /// leader steps down.
    package var electionTimeoutMilliseconds: UInt64 = 400
    /// Random addition to each time-out, so that followers do not ask together.
    package var electionJitterMilliseconds: UInt64 = 200
    /// Random wait before asking for an election when the leader's connection broke rather than fell silent.
    package var disconnectJitterMilliseconds: UInt64 = 20
    /// An unanswered message is sent again after this long.
    package var retransmitMilliseconds: UInt64 = 120
    /// A read-index request that got no answer is given up after this long.
    package var readTimeoutMilliseconds: UInt64 = 1_000

    /// Slots proposed and not applied. `propose` answers nil beyond.
    ///
    /// Invariant: at most `membershipDelaySlotCount`.
    package var windowSlotCountMax = Limits.windowSlotCountMax
    /// Bytes proposed and not chosen. `propose` answers nil beyond, except that one proposal always fits.
    package var windowByteCountMax = Limits.windowByteCountMax
    /// A membership chosen in slot s is in force from slot s + this. The same on every replica, for ever.
    package var membershipDelaySlotCount = Limits.windowSlotCountMax
    /// Slots sent to one peer and not acknowledged. Beyond, the peer must fetch what it missed.
    package var peerSlotCountMax = Limits.windowSlotCountMax
    /// Bytes sent to one peer and not acknowledged, except that one proposal always fits.
    package var peerByteCountMax = 16 * 1_048_576
    /// Slots asked for in one fetch.
    package var fetchSlotCountMax = 256
    /// Reads waiting for confirmation. Further ones fail at once.
    package var pendingReadCountMax = 4_096

    package init(identity: ReplicaIdentity, seed: UInt64) {
        self.identity = identity
        self.seed = seed
    }
}
