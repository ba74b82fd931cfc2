internal import CoreTypes

/// What a learner knows to be missing, and whom it asked.
struct CatchUp: Hashable, Sendable {
    /// The claim of the highest ballot that made one: every slot through `announcedThrough` is chosen, and what was
    /// accepted under `announcedBallot` among them is the chosen value.
    var announcedBallot = Ballot.none
    var announcedThrough = Slot.none
    /// The highest slot that anyone claimed to be chosen.
    var target = Slot.none
    /// Slots of the chosen prefix whose bytes are lost here, by rising slot.
    var damaged: [SlotRange] = []
    /// What is known of them; see `RecoveredState.damagedSlots`.
    var damagedSlots: [DamagedSlot] = []

    /// The fetch under way.
    var asked: SlotRange?
    var askedPeer = ReplicaID.none
    var deadline = Tick(rawValue: 0)
}
