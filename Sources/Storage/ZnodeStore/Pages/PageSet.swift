/// A set of page numbers: one bit each.
struct PageSet {
    private var words: [UInt64]
    private(set) var count = 0

    /// For numbers up to `last`.
    init(through last: UInt64) { words = Array(repeating: 0, count: Int(last / 64) + 1) }

    /// Adds a number, which is at most the last; false when it was there.
    mutating func insert(_ page: UInt64) -> Bool {
        let bit: UInt64 = 1 << (page % 64)
        guard words[Int(page / 64)] & bit == 0 else { return false }
        words[Int(page / 64)] |= bit
        count += 1
        return true
    }
}
