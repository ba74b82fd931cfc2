/// 128 bits that stand for a sequence of numbers: two sequences that differ practically never share them.
struct Fingerprint: Hashable {
    private var first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var second: UInt64 = 0xD1B5_4A32_D192_ED03

    mutating func add(_ number: Int) {
        let value = UInt64(bitPattern: Int64(number))
        first = (first ^ value) &* 0xBF58_476D_1CE4_E5B9
        first ^= first >> 29
        second = (second ^ value) &* 0x94D0_49BB_1331_11EB
        second ^= second >> 31
    }
}
