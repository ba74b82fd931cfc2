/// How long syncs took, in buckets that are an eighth of a power of two wide.
package struct SyncTimeHistogram: Sendable {
    private var counts = [UInt64](repeating: 0, count: 8 * 64)
    package private(set) var count: UInt64 = 0
    package private(set) var maxNanoseconds: UInt64 = 0

    package init() {}

    package mutating func add(nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] += 1
        count += 1
        maxNanoseconds = max(maxNanoseconds, nanoseconds)
    }

    /// The time that a share of all syncs did not exceed, exact to an eighth; 0 before the first sync.
    package func nanoseconds(quantile: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let rank = UInt64((Double(count) * quantile).rounded(.up))
        var seen: UInt64 = 0
        for bucket in counts.indices {
            seen += counts[bucket]
            if seen >= max(rank, 1) { return min(Self.upperBound(bucket), maxNanoseconds) }
        }
        return maxNanoseconds
    }

    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 8 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return (exponent - 2) * 8 + Int((value >> UInt64(exponent - 3)) & 7)
    }

    private static func upperBound(_ bucket: Int) -> UInt64 {
        guard bucket >= 8 else { return UInt64(bucket) }
        let exponent = UInt64(bucket / 8 + 2)
        let width = UInt64(1) << (exponent - 3)
        return (UInt64(1) << exponent) + UInt64(bucket % 8) * width + (width - 1)
    }
}
