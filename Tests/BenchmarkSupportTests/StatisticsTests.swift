import Testing

@testable import BenchmarkSupport

@Suite("statistics over rounds")
struct StatisticsTests {
    @Test("the median of an even count lies between the middle two")
    func medians() {
        #expect(Spread([3, 1, 2]) == Spread([1, 2, 3]))
        #expect(Spread([3, 1, 2]).median == 2)
        #expect(Spread([4, 1, 2, 3]).median == 2.5)
        #expect(Spread([7]).lowest == 7)
        #expect(Spread([]).median == 0)
        #expect(Spread([90, 100, 120]).relativeHalfWidth == 0.15)
    }

    @Test("a ratio is taken round by round, so that a slow moment on both sides cancels out")
    func pairedRatios() {
        let ratio = Spread.ratio(of: [400, 40, 410], to: [100, 10, 100])
        #expect(ratio.median == 4)
        #expect(ratio.lowest == 4)
        #expect(ratio.highest == 4.1)
        #expect(Spread.ratio(of: [1, 2], to: [0, 4]).median == 0.5)
    }

    @Test("a rising rate is not steady, a level one is")
    func steadiness() {
        var rising = Steadiness(windowCount: 4, tolerance: 0.1)
        for rate in [100.0, 104, 108, 112] { rising.add(rate) }
        #expect(!rising.isSteady)
        rising.add(111)
        #expect(rising.isSteady)
        var jumping = Steadiness(windowCount: 3, tolerance: 0.1)
        for rate in [100.0, 150, 100] { jumping.add(rate) }
        #expect(!jumping.isSteady)
        for rate in [101.0, 99] { jumping.add(rate) }
        #expect(jumping.isSteady)
        #expect(!Steadiness().isSteady)
    }
}
