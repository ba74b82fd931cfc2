package import CoreTypes

/// One slot of the log as it was found at the start: the record with the highest ballot.
package struct RecoveredEntry: Hashable, Sendable {
    package var slot: Slot
    package var ballot: Ballot
    package var value: ValueDescriptor
    /// False when the record's header is good and its bytes are damaged: what was accepted is known, the bytes are lost.
    package var isWhole: Bool
    /// Something else may have been accepted later, under this ballot or a lower one, and is lost.
    package var newerBallotMax: Ballot?

    package init(slot: Slot, ballot: Ballot, value: ValueDescriptor, isWhole: Bool = true) {
        self.slot = slot
        self.ballot = ballot
        self.value = value
        self.isWhole = isWhole
    }
}

/// What a replica's disk says when it starts. All of it is durable: the shell has synced the log before reading it.
package struct RecoveredState: Hashable, Sendable {
    /// The highest ballot in any promise or accept record. A replica that cannot say must not start.
    package var promised: Ballot = .none
    /// Every slot up to here is known to be chosen. Alone: the last slot accepted.
    package var chosenThrough: Slot = .none
    /// Every slot up to here is in the state machine. At most `chosenThrough`.
    package var appliedThrough: Slot = .none
    /// The first slot whose value the shell can still read.
    package var firstRetainedSlot = Slot(rawValue: 1)
    /// The memberships that may still matter, by rising first slot; the first one is in force at
    /// `appliedThrough` + 1, the last one stems from a slot that is applied.
    package var memberships: [ScheduledMembership]
    /// The slots above `chosenThrough` that were accepted, by rising slot, each once.
    package var accepted: [RecoveredEntry] = []
    /// Slots above `chosenThrough` of which the disk cannot say whether anything was accepted in them, or anything
    /// newer than stands in `accepted`.
    package var unknown: [SlotRange] = []
    /// Slots up to `chosenThrough`, and from `firstRetainedSlot` on, whose bytes are damaged, or whose record may have
    /// been superseded by one that is lost: they are fetched from a peer. (Records that cannot be read may have been of
    /// any slot. A record that stands after them in the log was written later and has no lower ballot, so it is safe.)
    package var damaged: [SlotRange] = []
    /// What is known of damaged slots, by rising slot. Those that are not here may never have had a record.
    package var damagedSlots: [DamagedSlot] = []

    /// An empty disk.
    package init(memberships: [ScheduledMembership]) {
        self.memberships = memberships
    }
}
