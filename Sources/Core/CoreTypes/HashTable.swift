/// A hash table whose behaviour, order included, depends on nothing but what was done to it.
///
/// The standard library's tables are seeded for each process, so that their order must not reach replicated state; this
/// one may. Open addressing with linear probing and backward-shift removal, at most three quarters full. The caller
/// computes the hash, so that a table keyed by bytes can be asked with a span, without a copy.
///
/// - Complexity: every access is O(1) on average, for hashes that are well mixed.
package struct HashTable<Key, Value> {
    @usableFromInline
    struct Slot {
        @usableFromInline var hash: UInt64
        @usableFromInline var key: Key
        @usableFromInline var value: Value

        @usableFromInline
        init(hash: UInt64, key: Key, value: Value) {
            self.hash = hash
            self.key = key
            self.value = value
        }
    }

    /// Invariant: a power of two, or empty; an element lies at its hash's place or behind it with no gap between.
    @usableFromInline var slots: [Slot?] = []
    @usableFromInline package internal(set) var count = 0

    @inlinable
    package init() {}

    @inlinable
    package var isEmpty: Bool { count == 0 }

    /// Where the element lies that has this hash and matches; nil if there is none.
    @inlinable
    func index(hash: UInt64, matches: (Key) -> Bool) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash) & mask
        while let slot = slots[index] {
            if slot.hash == hash && matches(slot.key) { return index }
            index = (index + 1) & mask
        }
        return nil
    }

    /// The value whose key has this hash and matches.
    @inlinable
    package func value(hash: UInt64, matches: (Key) -> Bool) -> Value? {
        guard let index = index(hash: hash, matches: matches) else { return nil }
        return slots[index]?.value
    }

    /// Changes the value in place; false if there is none.
    @inlinable
    @discardableResult
    package mutating func update(hash: UInt64, matches: (Key) -> Bool, _ change: (inout Value) -> Void) -> Bool {
        guard let index = index(hash: hash, matches: matches), var slot = slots[index] else { return false }
        slots[index] = nil
        change(&slot.value)
        slots[index] = slot
        return true
    }

    /// Adds an element; there must be none that matches.
    @inlinable
    package mutating func insert(hash: UInt64, key: Key, value: Value) {
        if (count + 1) * 4 > slots.count * 3 { grow() }
        place(Slot(hash: hash, key: key, value: value))
        count += 1
    }

    /// Takes the element out that has this hash and matches.
    @inlinable
    @discardableResult
    package mutating func remove(hash: UInt64, matches: (Key) -> Bool) -> Value? {
        guard var hole = index(hash: hash, matches: matches) else { return nil }
        let removed = slots[hole]?.value
        let mask = slots.count - 1
        slots[hole] = nil
        count -= 1
        // Those behind the hole move up, unless that would put them before their own place.
        var index = (hole + 1) & mask
        while let slot = slots[index] {
            let home = Int(truncatingIfNeeded: slot.hash) & mask
            if (index - home) & mask >= (index - hole) & mask {
                slots[hole] = slot
                slots[index] = nil
                hole = index
            }
            index = (index + 1) & mask
        }
        return removed
    }

    /// Calls `body` with every element, in the order of the table: equal for equal histories.
    @inlinable
    package func forEach<Failure: Error>(_ body: (Key, Value) throws(Failure) -> Void) throws(Failure) {
        for slot in slots {
            if let slot { try body(slot.key, slot.value) }
        }
    }

    @inlinable
    mutating func place(_ slot: Slot) {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: slot.hash) & mask
        while slots[index] != nil { index = (index + 1) & mask }
        slots[index] = slot
    }

    @usableFromInline
    mutating func grow() {
        let former = slots
        slots = Array(repeating: nil, count: max(16, former.count * 2))
        for slot in former {
            if let slot { place(slot) }
        }
    }
}

extension HashTable: Sendable where Key: Sendable, Value: Sendable {}
extension HashTable.Slot: Sendable where Key: Sendable, Value: Sendable {}

/// Mixes the bits of a number well enough for a table's hash. Source: the finisher of `SplitMix64`.
@inlinable
package func mixedBits(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
}
