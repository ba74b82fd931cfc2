package import CoreTypes

/// A chosen slot whose value is lost here, or may be: how high the ballot of the lost record can have been, and what is
/// left.
package struct DamagedSlot: Hashable, Sendable {
    package var slot: Slot
    /// At least the ballot under which the value was accepted here, and so at least one in which it was chosen; nil if
    /// that is not known, as the value may never have been accepted here but come with a snapshot.
    package var ballotMax: Ballot?
    /// What was accepted under a lower ballot and can be read; something else may have been accepted, and chosen, later.
    package var older: RecoveredEntry?

    package init(_ slot: Slot, ballotMax: Ballot?, older: RecoveredEntry? = nil) {
        self.slot = slot
        self.ballotMax = ballotMax
        self.older = older
    }
}
