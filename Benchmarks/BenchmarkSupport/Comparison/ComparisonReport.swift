/// Writes the outcomes of a comparison down, for people and for scripts.
package struct ComparisonReport {
    let names: [String]
    /// The server that the others are compared with: the first one that is neither ZooKeeper nor the floor.
    package let primary: Int
    private let recipes: [ServerRecipe]

    package init(_ recipes: [ServerRecipe]) {
        self.recipes = recipes
        names = recipes.map(\.name)
        primary =
            recipes.firstIndex {
                if case .aviaryd = $0.program { return true }
                return false
            } ?? 0
    }

    /// The table of one workload, the ratios and their bars.
    package func text(_ outcome: ServerComparison.Outcome) -> String {
        var table = TextTable([
            outcome.workload.description, "rate", "+-", "p50", "p99", "p99.9", "max", "slowest 0.1 s", "server CPU",
            "generator CPU", "others CPU", "RSS",
        ])
        for (index, rounds) in outcome.rounds.enumerated() {
            func spread(_ metric: RoundFigures.Metric) -> Spread { Spread(rounds.map { $0.value(metric) }) }
            let usage = rounds.compactMap(\.server)
            table.add([
                names[index], Figures.rate(spread(.rate).median),
                "\(Figures.decimal(spread(.rate).relativeHalfWidth * 100, 0)) %", Figures.time(spread(.p50).median),
                Figures.time(spread(.p99).median), Figures.time(spread(.p999).median),
                Figures.time(spread(.max).median),
                Figures.rate(spread(.slowest).median),
                usage.isEmpty ? "-" : Figures.decimal(spread(.serverCPU).median, 2),
                Figures.decimal(spread(.generatorCPU).median, 2),
                Figures.decimal(spread(.othersCPU).median + spread(.stolenCPU).median, 2),
                usage.last.map { Figures.bytes(Double($0.residentBytes)) } ?? "-",
            ])
        }
        return ([table.text] + ratioLines(outcome) + costLines(outcome) + counterLines(outcome))
            .joined(separator: "\n")
    }

    private func ratioLines(_ outcome: ServerComparison.Outcome) -> [String] {
        var lines: [String] = []
        let highest = outcome.rounds.map { Spread($0.map { $0.value(.rate) }).median }.max() ?? 0
        let width = names.map(\.count).max() ?? 0
        for (index, rounds) in outcome.rounds.enumerated() {
            let rate = Spread(rounds.map { $0.value(.rate) }).median
            let name = names[index] + String(repeating: " ", count: width - names[index].count)
            lines.append("  \(name) \(Figures.bar(rate, of: highest, width: 50)) \(Figures.rate(rate))")
        }
        for index in names.indices where index != primary {
            let parts = [RoundFigures.Metric.rate, .p50, .p99].map { metric in
                let ratio = outcome.ratio(metric, of: primary, to: index)
                return "\(metric.rawValue) \(Figures.ratio(ratio.median))"
                    + " [\(Figures.ratio(ratio.lowest)) .. \(Figures.ratio(ratio.highest))]"
            }
            lines.append("  \(names[primary]) / \(names[index]): \(parts.joined(separator: ", "))")
        }
        for (index, count) in outcome.repeatCounts.enumerated() where count > 0 {
            lines.append("  note: \(count) disturbed rounds of \(names[index]) were made again")
        }
        for (index, count) in outcome.stallCounts.enumerated() where count > 0 {
            lines.append("  note: \(names[index]) gave no more replies \(count) times; those runs were made again")
        }
        for (index, rounds) in outcome.rounds.enumerated() {
            let others = Spread(rounds.map { $0.value(.othersCPU) + $0.value(.stolenCPU) }).median
            if others > ServerComparison.Options().othersMax {
                lines.append(
                    "  note: others used \(Figures.decimal(others, 2)) processors during the rounds of \(names[index]):"
                        + " measure again on a quiet machine")
            }
        }
        for (index, warmUp) in outcome.warmUps.enumerated() where !warmUp.isSteady {
            lines.append(
                "  note: \(names[index]) was not steady after \(Figures.decimal(warmUp.seconds, 0)) s of warm-up")
        }
        return lines
    }

    /// Counters worth a line: what the server's disk and background work did during the rounds.
    private static let interesting = ["checkpoint", "recycle", "segment", "sync", "group", "snapshot", "log_bytes"]

    private func counterLines(_ outcome: ServerComparison.Outcome) -> [String] {
        outcome.rounds.indices.compactMap { index in
            guard case .aviaryd = recipes[index].program else { return nil }
            let rounds = outcome.rounds[index]
            let moved = Set(rounds.flatMap { $0.counters.keys }).filter { name in
                Self.interesting.contains { name.contains($0) }
            }
            guard !moved.isEmpty else { return nil }
            let parts = moved.sorted().map { name in
                let values = rounds.map { Figures.decimal($0.counters[name] ?? 0, 0) }
                return "\(name) +\(values.joined(separator: "/"))"
            }
            return "  \(names[index]) counters, by round: \(parts.joined(separator: ", "))"
        }
    }

    /// All rounds of all workloads.
    package func json(_ outcomes: [ServerComparison.Outcome]) -> JSONValue {
        .array(
            outcomes.map { outcome in
                .object([
                    ("workload", .string(outcome.workload.description)),
                    (
                        "servers",
                        .array(
                            names.indices.map { index in
                                .object([
                                    ("name", .string(names[index])),
                                    ("warmUpSeconds", .number(outcome.warmUps[index].seconds)),
                                    ("isSteady", .boolean(outcome.warmUps[index].isSteady)),
                                    ("repeatedRounds", .integer(outcome.repeatCounts[index])),
                                    ("stalledRuns", .integer(outcome.stallCounts[index])),
                                    ("rounds", .array(outcome.rounds[index].map(json))),
                                ])
                            })
                    ),
                    ("ratios", ratios(outcome)),
                ])
            })
    }

    private func json(_ round: RoundFigures) -> JSONValue {
        var members: [(String, JSONValue)] = RoundFigures.Metric.allCases.map { metric in
            (metric.rawValue, .number(round.value(metric)))
        }
        members += [
            ("completed", .integer(round.result.completedCount)),
            ("sampled", .integer(round.result.sampledCount)),
            ("readP50", .integer(round.result.reads.percentile(0.5))),
            ("readP99", .integer(round.result.reads.percentile(0.99))),
            ("writeP50", .integer(round.result.writes.percentile(0.5))),
            ("writeP99", .integer(round.result.writes.percentile(0.99))),
        ]
        if let bytes = round.diskBytes { members.append(("diskBytes", .integer(bytes))) }
        if let server = round.server {
            members += [
                ("serverSwitches", .integer(server.switchCount)),
                ("serverWrittenBytes", .integer(server.writtenBytes)),
                ("serverResidentBytes", .integer(server.residentBytes)),
                ("serverAnonymousBytes", .integer(server.anonymousBytes)),
            ]
        }
        let counters = round.counters.sorted { $0.key < $1.key }
        members.append(("counters", .object(counters.map { ($0.key, .number($0.value)) })))
        return .object(members)
    }

    private func ratios(_ outcome: ServerComparison.Outcome) -> JSONValue {
        .array(
            names.indices.filter { $0 != primary }.map { index in
                .object(
                    [("of", .string(names[primary])), ("to", .string(names[index]))]
                        + ([.rate, .p50, .p99, .p999] + RoundFigures.Metric.costs).map { metric in
                            let ratio = outcome.ratio(metric, of: primary, to: index)
                            return (
                                metric.rawValue,
                                .object([
                                    ("median", .number(ratio.median)), ("lowest", .number(ratio.lowest)),
                                    ("highest", .number(ratio.highest)),
                                ])
                            )
                        })
            })
    }
}
