import CoreTypes

/// A hash of all that happened, in its order: equal seeds must give equal traces.
package struct TraceHash: Hashable, Sendable {
    package private(set) var value: UInt64 = 0

    package init() {}

    package mutating func add(_ number: UInt64) { value = mixedBits(mixedBits(value) &+ number) }

    /// Adds bytes and their count, so that it matters where one frame ends and the next begins.
    package mutating func add(_ bytes: [UInt8]) {
        add(UInt64(bytes.count))
        var word: UInt64 = 0
        for (index, byte) in bytes.enumerated() {
            word = word << 8 | UInt64(byte)
            if index % 8 == 7 {
                add(word)
                word = 0
            }
        }
        if bytes.count % 8 != 0 { add(word) }
    }
}
