/// Counts of latencies in nanoseconds, in buckets whose width grows with the value.
///
/// Values below 256 ns are counted exactly; above, every power of two is cut into 128 buckets of equal width, so that
/// a percentile read back is at most 0.8 % above the truth, never below it. The largest value is kept exactly. Values
/// above 2^42 ns (73 minutes) are counted in the last bucket. Recording is a shift and an add: about 2 ns.
/// The layout is that of HdrHistogram with two significant digits (Tene, hdrhistogram.org).
package struct LatencyHistogram: Sendable {
    private static let exactBits = 7
    private static let valueBitsMax = 42
    static let bucketCount = (valueBitsMax - exactBits + 1) << exactBits

    private var counts: [UInt64]
    /// How many values were recorded.
    package private(set) var count: UInt64 = 0
    /// The largest value recorded, 0 when there is none.
    package private(set) var maximum: UInt64 = 0
    /// The smallest value recorded, 0 when there is none.
    package private(set) var minimum: UInt64 = 0
    private var sum: Double = 0

    package init() {
        counts = [UInt64](repeating: 0, count: Self.bucketCount)
    }

    /// The bucket of a value.
    @inline(__always)
    static func bucket(of value: UInt64) -> Int {
        let capped = min(value, (1 << valueBitsMax) - 1)
        let exponent = max(0, (64 - capped.leadingZeroBitCount) - exactBits - 1)
        return (exponent << exactBits) &+ Int(truncatingIfNeeded: capped >> UInt64(exponent))
    }

    /// The largest value that falls into a bucket.
    static func upperBound(of bucket: Int) -> UInt64 {
        let exponent = max(0, (bucket >> exactBits) - 1)
        let mantissa = UInt64(bucket - (exponent << exactBits))
        return ((mantissa + 1) << UInt64(exponent)) - 1
    }

    /// Counts `times` occurrences of one value.
    package mutating func record(_ value: UInt64, times: UInt64 = 1) {
        guard times > 0 else { return }
        counts[Self.bucket(of: value)] += times
        minimum = count == 0 ? value : min(minimum, value)
        maximum = max(maximum, value)
        count += times
        sum += Double(value) * Double(times)
    }

    /// Takes in the counts of another histogram.
    package mutating func merge(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        for index in counts.indices { counts[index] += other.counts[index] }
        minimum = count == 0 ? other.minimum : min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        count += other.count
        sum += other.sum
    }

    /// The smallest bucket bound that at least `share` (0...1) of the values do not exceed; 0 when there are none.
    package func percentile(_ share: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let wanted = max(1, UInt64((Double(count) * share).rounded(.up)))
        var seen: UInt64 = 0
        for (index, bucketed) in counts.enumerated() where bucketed > 0 {
            seen += bucketed
            if seen >= wanted { return min(Self.upperBound(of: index), maximum) }
        }
        return maximum
    }

    /// The arithmetic mean, 0 when there are no values.
    package var mean: Double { count == 0 ? 0 : sum / Double(count) }
}
