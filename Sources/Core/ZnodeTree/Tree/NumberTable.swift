internal import CoreTypes

/// From a number that is never 0 to another: open addressing, linear probing, backward-shift removal.
///
/// Not generic, because a generic table of another module runs unspecialised here, many times slower.
struct NumberTable {
    private struct Slot {
        /// 0 in an unused slot.
        var key: UInt64 = 0
        var value: UInt32 = 0
    }

    private var slots = [Slot](repeating: Slot(), count: 16)
    private(set) var count = 0

    private func home(_ key: UInt64) -> Int { Int(truncatingIfNeeded: mixedBits(key)) & (slots.count - 1) }

    /// Where a key lies, or would.
    private func slot(_ key: UInt64) -> Int {
        var index = home(key)
        while slots[index].key != key, slots[index].key != 0 { index = (index + 1) & (slots.count - 1) }
        return index
    }

    subscript(key: UInt64) -> Int? {
        let index = slot(key)
        return slots[index].key == 0 ? nil : Int(slots[index].value)
    }

    /// Adds a key that is not there.
    mutating func insert(_ key: UInt64, _ value: Int) {
        invariant(key != 0, "a key that is 0")
        if (count + 1) * 4 > slots.count * 3 { grow() }
        slots[slot(key)] = Slot(key: key, value: UInt32(value))
        count += 1
    }

    /// Takes a key out; nil if it is not there.
    mutating func remove(_ key: UInt64) -> Int? {
        var hole = slot(key)
        guard slots[hole].key != 0 else { return nil }
        let value = Int(slots[hole].value)
        let mask = slots.count - 1
        var index = (hole + 1) & mask
        while slots[index].key != 0 {
            if (index - home(slots[index].key)) & mask >= (index - hole) & mask {
                slots[hole] = slots[index]
                hole = index
            }
            index = (index + 1) & mask
        }
        slots[hole] = Slot()
        count -= 1
        return value
    }

    private mutating func grow() {
        let former = slots
        slots = [Slot](repeating: Slot(), count: former.count * 2)
        for entry in former where entry.key != 0 { slots[slot(entry.key)] = entry }
    }
}
