/// Memory that several processors change by turns.
enum CacheLine {
    /// What processors take from one another as a whole; two lines, which some fetch together.
    private static let byteCount = 128

    /// A word, 0, with nothing beside it: what lay there would go back and forth between the processors with it.
    static func allocateWord() -> UnsafeMutablePointer<UInt32> {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: byteCount)
        return unsafe memory.initializeMemory(as: UInt32.self, repeating: 0, count: byteCount / 4)
    }
}
