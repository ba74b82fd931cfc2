internal import CoreTypes

/// The number that a sequential znode's name ends in: Java's `String.format("%010d", n)` of a signed 32-bit counter.
enum SequenceSuffix {
    /// Appends ten digits, or a sign and ten more where the counter has overflowed.
    static func append(_ number: Int32, to builder: ByteBuilder) {
        let digits = String(number.magnitude)
        let width = number < 0 ? 9 : 10
        if number < 0 { builder.append(bigEndian: UInt8(ascii: "-")) }
        for _ in 0..<max(width - digits.utf8.count, 0) { builder.append(bigEndian: UInt8(ascii: "0")) }
        builder.append(utf8: digits)
    }
}
