/// Decides when a server is warm: when the last rates stopped rising.
///
/// A just-in-time compiler makes a cold server several times slower than a warm one, so a comparison may begin only
/// once the rate is stable. It is when the newest `windowCount` windows lie within `tolerance` of their median and the
/// newest is not the best of a rising run.
package struct Steadiness: Sendable {
    package let windowCount: Int
    package let tolerance: Double
    package private(set) var rates: [Double] = []

    package init(windowCount: Int = 4, tolerance: Double = 0.08) {
        self.windowCount = max(2, windowCount)
        self.tolerance = tolerance
    }

    package mutating func add(_ rate: Double) { rates.append(rate) }

    /// True once the newest windows agree with one another and do not show a trend.
    package var isSteady: Bool {
        guard rates.count >= windowCount else { return false }
        let newest = Array(rates.suffix(windowCount))
        let spread = Spread(newest)
        guard spread.median > 0, spread.relativeHalfWidth <= tolerance else { return false }
        let rises = zip(newest, newest.dropFirst()).allSatisfy { $1 > $0 }
        let growth = ((newest.last ?? 0) - (newest.first ?? 0)) / spread.median
        return !(rises && growth > tolerance / 2)
    }
}
