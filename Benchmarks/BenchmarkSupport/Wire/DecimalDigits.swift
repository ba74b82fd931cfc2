/// Numbers as a fixed count of decimal digits, quickly: keys and values are patched into requests made beforehand.
enum DecimalDigits {
    /// The eight digits of a number below 100,000,000, the most significant in the lowest byte, so that storing the
    /// result in little-endian order writes them in reading order.
    ///
    /// Splits the number into halves, pairs and single digits within one word: multiplications by a reciprocal, no
    /// division for each digit.
    @inline(__always)
    static func eight(_ number: UInt32) -> UInt64 {
        let halves = UInt64(number / 10_000) | (UInt64(number % 10_000) << 32)
        let hundreds = ((halves &* 10_486) >> 20) & 0x0000_007F_0000_007F
        let pairs = hundreds | ((halves &- hundreds &* 100) << 16)
        let tens = ((pairs &* 103) >> 10) & 0x000F_000F_000F_000F
        let digits = tens | ((pairs &- tens &* 10) << 8)
        return digits | 0x3030_3030_3030_3030
    }

    /// Writes the eight digits of a number.
    @inline(__always)
    static func storeEight(_ number: UInt32, to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: eight(number).littleEndian, as: UInt64.self)
    }

    /// Writes the last five digits of a number.
    @inline(__always)
    static func storeFive(_ number: UInt32, to target: UnsafeMutableRawPointer) {
        // The last five of eight: the lower three fall off the low end of the word.
        let five = eight(number) >> 24
        target.storeBytes(of: UInt32(truncatingIfNeeded: five).littleEndian, as: UInt32.self)
        target.storeBytes(of: UInt8(truncatingIfNeeded: five >> 32), toByteOffset: 4, as: UInt8.self)
    }
}
