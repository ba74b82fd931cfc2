import Checksums

/// The system rows that a delta writes or removes: small keys to small values.
///
/// A hash table like the one of the znodes, without removal: a later change of a key replaces the earlier one.
@safe
struct SystemRowTable: ~Copyable {
    /// One change.
    struct Entry {
        var hash: UInt64
        var key: ByteRun
        var value: ByteRun
        var isRemoved: Bool
    }

    private var slots: [UInt32] = []
    private(set) var entries: [Entry] = []
    private var arena = ByteArena()

    init() {}

    var byteCount: Int { arena.byteCount + entries.count * MemoryLayout<Entry>.stride + slots.count * 4 }

    /// Writes a row.
    mutating func put(_ key: RawSpan, _ value: RawSpan) {
        let index = entry(for: key)
        entries[index].value = arena.copy(value)
        entries[index].isRemoved = false
    }

    /// Removes a row, which need not be there.
    mutating func remove(_ key: RawSpan) {
        let index = entry(for: key)
        entries[index].value = .empty
        entries[index].isRemoved = true
    }

    private mutating func entry(for key: RawSpan) -> Int {
        if (entries.count + 1) * 2 > slots.count { grow() }
        let hash = hash64(key)
        var slot = Int(truncatingIfNeeded: hash & UInt64(slots.count - 1))
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if entries[index].hash == hash, Bytes.equal(key, entries[index].key) { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        entries.append(Entry(hash: hash, key: arena.copy(key), value: .empty, isRemoved: true))
        slots[slot] = UInt32(truncatingIfNeeded: entries.count)
        return entries.count - 1
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: max(slots.count * 2, 64))
        for index in entries.indices {
            var slot = Int(truncatingIfNeeded: entries[index].hash & UInt64(slots.count - 1))
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(truncatingIfNeeded: index + 1)
        }
    }
}
