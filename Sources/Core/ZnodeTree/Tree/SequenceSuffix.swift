internal import CoreTypes

/// The number that a sequential znode's name ends in: Java's `String.format("%010d", n)` of a signed 32-bit counter.
enum SequenceSuffix {
    /// Digits of a number that is not negative; a sign takes the place of the first one.
    private static let width = 10

    /// Appends ten digits, or a sign and nine, or a sign and ten where the counter has overflowed.
    static func append(_ number: Int32, to builder: ByteBuilder) {
        if number < 0 { builder.append(bigEndian: UInt8(ascii: "-")) }
        let magnitude = number.magnitude
        var digits = number < 0 ? width - 1 : width
        if number < 0, magnitude >= 1_000_000_000 { digits = width }
        var divisor: UInt32 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            builder.append(bigEndian: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
            divisor /= 10
        }
    }
}
