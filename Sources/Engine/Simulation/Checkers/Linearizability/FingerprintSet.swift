/// A set of 128-bit hashes, which are trusted to be all different: one pair among a hundred million falls together with
/// a probability of 10⁻²³.
struct FingerprintSet: Sendable {
    /// Zero: free. Invariant: a power of two, at most half full.
    private var slots: [UInt128] = Array(repeating: 0, count: 64)
    private(set) var count = 0

    /// Adds a hash; false if it is there already.
    mutating func insert(_ fingerprint: UInt128) -> Bool {
        let key = fingerprint == 0 ? 1 : fingerprint
        guard place(key) else { return false }
        count += 1
        if count * 2 > slots.count { grow() }
        return true
    }

    private mutating func place(_ key: UInt128) -> Bool {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: key) & mask
        while slots[index] != 0 {
            if slots[index] == key { return false }
            index = (index + 1) & mask
        }
        slots[index] = key
        return true
    }

    private mutating func grow() {
        let former = slots
        slots = Array(repeating: 0, count: former.count * 2)
        for key in former where key != 0 { _ = place(key) }
    }
}
