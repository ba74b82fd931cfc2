/// What explains the rates: the work that each request made for the machine.
extension ComparisonReport {
    private static let titles: [RoundFigures.Metric: String] = [
        .timePerWrite: "CPU", .switchesPerWrite: "switches", .readCallsPerWrite: "read calls",
        .writeCallsPerWrite: "write calls", .bytesPerWrite: "charged B", .diskBytesPerWrite: "disk B",
        .syncsPerWrite: "log syncs",
    ]

    /// The table of costs, for the servers whose processes are known.
    func costLines(_ outcome: ServerComparison.Outcome) -> [String] {
        let request = outcome.workload.kind == .get ? "read" : "write"
        let others = outcome.workload.kind == .mixed ? " and its nine reads" : ""
        let costs = RoundFigures.Metric.costs
        var table = TextTable(
            ["per \(request)\(others)"] + costs.map { Self.titles[$0] ?? $0.rawValue } + ["\(request)s per log sync"])
        var isEmpty = true
        for (index, rounds) in outcome.rounds.enumerated() where rounds.contains(where: { $0.server != nil }) {
            let figures = costs.map { metric in (metric, Spread(rounds.map { $0.value(metric) }).median) }
            let batches = rounds.filter { $0.syncCount > 0 }.map { $0.costDivisor / $0.syncCount }
            table.add(
                [names[index]] + figures.map { Self.text($0.0, $0.1) }
                    + [batches.isEmpty ? "-" : Figures.decimal(Spread(batches).median, 1)])
            isEmpty = false
        }
        return isEmpty ? [] : ["", table.text]
    }

    private static func text(_ metric: RoundFigures.Metric, _ value: Double) -> String {
        switch metric {
        case .timePerWrite: Figures.time(value)
        case .bytesPerWrite, .diskBytesPerWrite: Figures.bytes(value)
        case .syncsPerWrite where value == 0: "-"
        default: Figures.decimal(value, value < 0.1 ? 4 : value < 10 ? 2 : 0)
        }
    }
}
