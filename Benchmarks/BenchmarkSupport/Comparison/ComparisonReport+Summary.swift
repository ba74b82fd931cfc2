/// All workloads of a run in one table.
extension ComparisonReport {
    /// The first server beside ZooKeeper, the better of several for each figure; nil when no ZooKeeper took part.
    package func summary(_ outcomes: [ServerComparison.Outcome]) -> String? {
        let references = names.indices.filter { $0 != primary && names[$0].hasPrefix("zookeeper") }
        guard !references.isEmpty else { return nil }
        let metrics: [RoundFigures.Metric] = [.rate, .p50, .p99]
        var table = TextTable(
            ["workload"] + metrics.flatMap { ["\(names[primary]) \($0.rawValue)", "zookeeper", "ratio"] })
        for outcome in outcomes {
            let cells = metrics.flatMap { metric in
                let own = Self.median(metric, outcome.rounds[primary])
                let best = references.map { Self.median(metric, outcome.rounds[$0]) }
                let reference = (metric.isSmallerBetter ? best.min() : best.max()) ?? 0
                let ratio = outcome.worstRatio(metric, of: primary, to: references) ?? 0
                return [Self.text(metric, own), Self.text(metric, reference), Figures.ratio(ratio)]
            }
            table.add([outcome.workload.description] + cells)
        }
        return table.text
    }

    private static func median(_ metric: RoundFigures.Metric, _ rounds: [RoundFigures]) -> Double {
        Spread(rounds.map { $0.value(metric) }).median
    }

    private static func text(_ metric: RoundFigures.Metric, _ value: Double) -> String {
        metric.isSmallerBetter ? Figures.time(value) : Figures.rate(value)
    }
}
