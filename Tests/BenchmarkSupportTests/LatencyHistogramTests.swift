import CoreTypes
import Testing

@testable import BenchmarkSupport

@Suite("latency histogram")
struct LatencyHistogramTests {
    @Test("buckets cover every value once, in order, with a bound at most 0.8 % above it")
    func buckets() {
        var previous = -1
        for bucket in 0..<LatencyHistogram.bucketCount {
            let bound = LatencyHistogram.upperBound(of: bucket)
            #expect(LatencyHistogram.bucket(of: bound) == bucket)
            #expect(LatencyHistogram.bucket(of: bound + 1) == min(bucket + 1, LatencyHistogram.bucketCount - 1))
            #expect(bucket == previous + 1)
            previous = bucket
        }
        var generator = SplitMix64(seed: 11)
        for _ in 0..<10_000 {
            let value = generator.next() >> UInt64.random(in: 22...63, using: &generator)
            let bound = LatencyHistogram.upperBound(of: LatencyHistogram.bucket(of: value))
            #expect(bound >= value)
            #expect(Double(bound - value) <= Double(value) / 127, "seed 11, value \(value)")
        }
    }

    @Test("percentiles agree with those of the sorted values")
    func percentiles() {
        for seed in UInt64(1)...20 {
            var generator = SplitMix64(seed: seed)
            let count = Int.random(in: 1...3000, using: &generator)
            let values = (0..<count).map { _ in generator.next() >> UInt64.random(in: 25...60, using: &generator) }
            var histogram = LatencyHistogram()
            for value in values { histogram.record(value) }
            let sorted = values.sorted()
            for share in [0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1] {
                let rank = max(1, Int((Double(count) * share).rounded(.up)))
                let truth = sorted[rank - 1]
                let got = histogram.percentile(share)
                #expect(got >= truth && Double(got - truth) <= Double(truth) / 127, "seed \(seed), share \(share)")
            }
            #expect(histogram.maximum == sorted.last)
            #expect(histogram.minimum == sorted.first)
            #expect(histogram.percentile(1) == sorted.last)
            #expect(histogram.count == UInt64(count))
        }
    }

    @Test("a merged histogram is the histogram of all values")
    func merging() {
        var generator = SplitMix64(seed: 5)
        var (left, right, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for index in 0..<5000 {
            let value = generator.next() >> 30
            both.record(value, times: UInt64(1 + index % 3))
            if index % 2 == 0 {
                left.record(value, times: UInt64(1 + index % 3))
            } else {
                right.record(value, times: UInt64(1 + index % 3))
            }
        }
        left.merge(right)
        left.merge(LatencyHistogram())
        #expect(left.count == both.count)
        #expect(left.maximum == both.maximum)
        #expect(left.minimum == both.minimum)
        #expect(abs(left.mean - both.mean) < 1)
        for share in [0.1, 0.5, 0.999] { #expect(left.percentile(share) == both.percentile(share)) }
    }

    @Test("of no values everything is zero")
    func empty() {
        let histogram = LatencyHistogram()
        #expect(histogram.percentile(0.5) == 0)
        #expect(histogram.maximum == 0)
        #expect(histogram.mean == 0)
    }

    @Test("a value beyond the range is counted, and the maximum stays exact")
    func beyondRange() {
        var histogram = LatencyHistogram()
        histogram.record(.max)
        #expect(histogram.count == 1)
        #expect(histogram.maximum == .max)
        #expect(histogram.percentile(0.5) >= 1 << 41)
    }
}
