internal import CoreTypes

/// The slots that follow the chosen prefix, in a ring of fixed size.
///
/// Invariant: it stands for the slots from `base` + 1 through `base` + `capacity`; no slot above `lastUsed` holds
/// anything; places of other slots are empty.
struct SlotWindow: Hashable, Sendable {
    private var entries: [SlotEntry]
    private let mask: UInt64

    /// The last slot of the chosen prefix.
    private(set) var base: Slot
    /// The highest slot that holds anything, or `base` when none does.
    private(set) var lastUsed: Slot

    /// - Parameter slotCount: slots that must fit; rounded up to a power of two.
    init(base: Slot, slotCount: Int) {
        var capacity = 1
        while capacity < slotCount { capacity *= 2 }
        self.entries = Array(repeating: .empty, count: capacity)
        self.mask = UInt64(capacity - 1)
        self.base = base
        self.lastUsed = base
    }

    var capacity: Int { entries.count }

    /// True when the ring has a place for the slot.
    @inline(__always)
    func contains(_ slot: Slot) -> Bool { slot > base && slot.rawValue - base.rawValue <= mask + 1 }

    /// The entry of a slot within the window. Writing an entry other than the empty one raises `lastUsed`.
    subscript(slot: Slot) -> SlotEntry {
        @inline(__always)
        get {
            invariant(contains(slot), "slot \(slot.rawValue) is outside the window")
            return entries[Int(truncatingIfNeeded: slot.rawValue & mask)]
        }
        @inline(__always)
        _modify {
            invariant(contains(slot), "slot \(slot.rawValue) is outside the window")
            if slot > lastUsed { lastUsed = slot }
            yield &entries[Int(truncatingIfNeeded: slot.rawValue & mask)]
        }
    }

    /// Drops the first slot.
    @inline(__always)
    mutating func dropFirst() {
        base = base.next
        entries[Int(truncatingIfNeeded: base.rawValue & mask)] = .empty
        if lastUsed < base { lastUsed = base }
    }

    /// Drops every slot through `slot`, which may lie beyond the window.
    mutating func drop(through slot: Slot) {
        while base < slot && base < lastUsed { dropFirst() }
        if base < slot {
            base = slot
            lastUsed = slot
        }
    }
}
