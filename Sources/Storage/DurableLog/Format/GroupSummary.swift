internal import CoreTypes

/// Which slots a group may hold and under which ballot at most: what its successor repeats of it, so that a group
/// whose own header was destroyed still says what it took along.
struct GroupSummary: Equatable, Sendable {
    /// The lowest and highest slot of its accepted records; 0 for both if it has none.
    var lowestSlot: Slot = .none
    var highestSlot: Slot = .none
    /// The highest ballot of its accepted records.
    var ballot: Ballot = .none
    /// Does it hold records of membership, base or state?
    var holdsState = false

    var isEmpty: Bool { highestSlot == .none }

    mutating func add(_ slot: Slot, _ ballot: Ballot) {
        lowestSlot = isEmpty ? slot : min(lowestSlot, slot)
        highestSlot = max(highestSlot, slot)
        self.ballot = max(self.ballot, ballot)
    }
}
