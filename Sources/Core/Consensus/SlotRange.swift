package import CoreTypes

/// Slots from `first` through `last`, both included. Invariant: never empty.
package struct SlotRange: Hashable, Sendable {
    package var first: Slot
    package var last: Slot

    package init(first: Slot, last: Slot) {
        invariant(first <= last, "a slot range ends before it begins")
        self.first = first
        self.last = last
    }

    package func contains(_ slot: Slot) -> Bool { first <= slot && slot <= last }
}
