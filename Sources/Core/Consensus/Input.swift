package import CoreTypes

/// Everything that can happen to a replica, as a value: for recording, replaying and exploring. The methods of
/// `ConsensusReplica` with the same names are the direct way.
package enum Input: Hashable, Sendable {
    /// The first input, once.
    case start(Tick)
    /// The clock moved. To be given before the other inputs of a turn, and at `nextDeadline` at the latest.
    case tick(Tick)
    /// A message arrived, and its bytes, if it has any, match its descriptor.
    case message(Message, from: ReplicaIdentity)
    /// Every record through this one is durable.
    case persisted(through: PersistToken)
    case propose(ValueDescriptor)
    /// The state machine has every slot through this one.
    case applied(through: Slot)
    /// The value of this applied slot changed the membership; given before `applied` for that slot.
    case membershipChanged(Membership, chosenIn: Slot)
    /// A snapshot was installed; see `ConsensusReplica.installed`.
    case installed(through: Slot, [ScheduledMembership])
    /// The log no longer holds values of slots before this one.
    case retained(from: Slot)
    /// Chosen values in these slots turned out to be damaged.
    case damaged(SlotRange)
    /// A linearizable read wants to know which slot it must have seen.
    case readIndex(ReadToken)
    /// Hand the lead to this replica; to the most advanced one if `none`.
    case transferLeadership(ReplicaID)
    /// Ask for the lead without waiting or asking whether it is welcome.
    case campaign
    /// The connection to this replica broke.
    case peerDisconnected(ReplicaID)
    /// The connection to this replica stands anew: what was under way is lost.
    case peerConnected(ReplicaID)
    /// This replica's log failed for good.
    case storageFailed
    /// The end of a turn: nothing more will be given before the effects are carried out.
    case flush
}
