import ArgumentParser
import BenchmarkSupport

/// One comparison from its start to its verdict: servers started, workloads run, tables and JSON printed, bounds judged.
struct ComparisonRun {
    let recipes: [ServerRecipe]
    let workloads: [Workload]
    let placement: Placement?
    let options: ComparisonOptions
    let common: CommonOptions
    let replicaCount: Int

    private struct Verdict {
        var requirement: Requirement
        var figure: Double?
        var holds: Bool { figure.map(requirement.holds) ?? false }
        var json: JSONValue {
            .object([
                ("requirement", .string(requirement.description)), ("figure", figure.map { .number($0) } ?? .null),
                ("holds", .boolean(holds)),
            ])
        }
    }

    /// Exits with 2 when a bound is not kept.
    func run() throws {
        let directory = try common.prepareDirectory()
        let machine = MachineDescription(directory: directory)
        let report = ComparisonReport(recipes)
        common.print(machine.lines + [headline, ""])
        let comparison = try ServerComparison(
            options.options(workloads, placement: placement), directory: directory)
        defer { comparison.stop() }
        try comparison.prepare(recipes)
        var outcomes: [ServerComparison.Outcome] = []
        for workload in workloads {
            let outcome = try comparison.run(workload)
            outcomes.append(outcome)
            common.print([report.text(outcome), ""])
        }
        if outcomes.count > 1, let summary = report.summary(outcomes) { common.print([summary, ""]) }
        common.print(
            ["floors, measured before the rounds of each workload:"] + comparison.floors.lines.map { "  \($0)" })
        let verdicts = try judge(outcomes, report)
        if common.json {
            let document = JSONValue.object(
                [("machine", .array(machine.lines.map { .string($0) }))] + options.json + [
                    ("replicas", .integer(replicaCount)),
                    ("connections", placement.map { .string($0.rawValue) } ?? .null),
                    (
                        "tunedZooKeeper",
                        .array(ServerRecipe.tunedOptions(replicaCount: replicaCount).map { .string($0) })
                    ),
                    ("floors", comparison.floors.json), ("workloads", report.json(outcomes)),
                    ("requirements", .array(verdicts.map(\.json))),
                ])
            print(document.text())
        }
        if verdicts.contains(where: { !$0.holds }) { throw ExitCode(2) }
    }

    private var headline: String {
        let shape = replicaCount == 1 ? "one process each" : "\(replicaCount) processes each"
        let place =
            switch placement {
            case nil: ""
            case .spread: ", connections to all replicas in turn, the leader first"
            case .leader: ", connections to the leader alone"
            case .followers: ", connections to the followers in turn"
            }
        return "\(options.valueByteCount)-byte values, \(options.keys) znodes at depth \(options.depth),"
            + " \(options.rounds) rounds of \(options.seconds) s, \(shape)\(place)"
    }

    private func judge(_ outcomes: [ServerComparison.Outcome], _ report: ComparisonReport) throws -> [Verdict] {
        try options.requirements().map { requirement in
            let figure = requirement.figure(in: outcomes, names: recipes.map(\.name), primary: report.primary)
            let verdict = Verdict(requirement: requirement, figure: figure)
            let shown = figure.map { Figures.ratio($0) } ?? "not measured"
            common.print(["\(verdict.holds ? "kept" : "NOT KEPT"): \(requirement) (\(shown))"])
            return verdict
        }
    }
}
