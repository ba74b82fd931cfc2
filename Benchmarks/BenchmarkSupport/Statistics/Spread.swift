/// The median of a few rounds, with the lowest and the highest of them: what a figure is and how far it can be trusted.
package struct Spread: Sendable, Equatable {
    package var median: Double
    package var lowest: Double
    package var highest: Double

    /// Of no values at all everything is zero.
    package init(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else {
            (median, lowest, highest) = (0, 0, 0)
            return
        }
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        (lowest, highest) = (first, last)
    }

    /// Half the distance between the extremes, as a share of the median.
    package var relativeHalfWidth: Double { median == 0 ? 0 : (highest - lowest) / 2 / abs(median) }

    /// The ratio of two series that were measured in pairs: round by round, so that what disturbed the machine for a
    /// while disturbs both sides of a ratio. Rounds with a zero divisor are left out.
    package static func ratio(of dividends: [Double], to divisors: [Double]) -> Spread {
        Spread(zip(dividends, divisors).compactMap { $1 == 0 ? nil : $0 / $1 })
    }
}
