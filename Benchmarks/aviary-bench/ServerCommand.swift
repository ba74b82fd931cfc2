import ArgumentParser
import BenchmarkSupport

/// Compares servers under load.
struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Compares servers under load: aviaryd, Apache ZooKeeper, the bare floor, or any address.",
        discussion: """
            Servers, by name:
              aviaryd           the release build beside this tool
              zookeeper         Debian's package, with its own defaults
              zookeeper-tuned   the same, tuned for this load (see --json)
              floor             a bare server; see help floor-server
              NAME=HOST:PORT[,HOST:PORT...]
                                one that runs already; connections are
                                dealt out to the addresses

            A workload is KIND/CONNECTIONSxOUTSTANDING: set/16x8 keeps 8 sets in flight on each of 16 connections. \
            Kinds are set, get, mixed (nine gets to one set) and create (each connection under its own directory; \
            what was created is deleted after the round, and must be there).

            Each server is warmed up for each workload until its rate is steady. Every reply is checked: in order, \
            no error, right length, zxids that do not go back, a set's Stat, a get's key; whole values on a sample.

            "p50" and so on are latencies as a client sees them, from just before the send to just after the \
            receive. "+-" is half the distance between the best and the worst round. "server CPU" and "generator \
            CPU" are in processors, "others CPU" is what the rest of the machine used or its host took away; a round in \
            which that was more than 0.2 is made again, twice at most. "slowest 0.1 s" is the rate in the worst tenth of a second of a round. \
            "switches" are context switches of the server's threads, "disk B" what the disk wrote, whoever asked for it.

            Examples:
              aviary-bench server
              aviary-bench server --workloads set/16x8 --rounds 3 --seconds 2
              aviary-bench server --keys 100000 --seconds 30 \\
                  --require 'set/16x8:rate>=3' \\
                  --require 'set/64x32:counter(checkpoint)>=3'
              aviary-bench server --servers mine=127.0.0.1:2181,floor --json
            """)

    @Option(help: "The servers, separated by commas.")
    var servers = "aviaryd,zookeeper,floor"
    @Option(help: "The workloads, separated by commas.")
    var workloads = Workload.canonical.map(\.description).joined(separator: ",")
    @Option(help: "How many rounds each server has for each workload.")
    var rounds = 5
    @Option(help: "How long a round is.")
    var seconds = 5.0
    @Option(help: "How many znodes are touched, at random and evenly: few are hot keys, many a spread load.")
    var keys = 16
    @Option(help: "How many components a path has.")
    var depth = 3
    @Option(name: .customLong("value-bytes"), help: "The size of a znode's value.")
    var valueByteCount = 100
    @Option(help: "Threads of the load generator; it shares the processors with the servers.")
    var threads = 1
    @Option(help: "How many processes each started server or cluster has (aviaryd and zookeeper only).")
    var replicas = 1
    @Option(name: .customLong("warm-up-seconds"), help: "When to stop waiting for a steady rate.")
    var warmUpSecondsMax = 60.0
    @Option(help: "Seed of the choice of keys.")
    var seed: UInt64 = 1
    @OptionGroup var choice: ServerChoice
    @Option(help: "A bound to keep, such as 'set/16x8:rate>=3'; may be repeated. Ratios are to ZooKeeper, or @NAME.")
    var require: [String] = []
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard rounds >= 1, seconds >= 0.2, threads >= 1, replicas >= 1, valueByteCount >= 0 else {
            throw ValidationError("rounds, threads and replicas are at least 1, seconds at least 0.2")
        }
        do {
            _ = try parsedRequirements()
            _ = try parsedWorkloads()
            _ = try recipes()
        } catch let error as BenchmarkError { throw ValidationError(error.description) }
    }

    private func parsedWorkloads() throws -> [Workload] {
        try workloads.split(separator: ",").map { try Workload(parsing: String($0)) }
    }

    private func parsedRequirements() throws -> [Requirement] { try require.map { try Requirement(parsing: $0) } }

    private func recipes() throws -> [ServerRecipe] {
        // `NAME=HOST:PORT,HOST:PORT` holds commas of its own: what looks like an address belongs to the name before it.
        var words: [String] = []
        for word in servers.split(separator: ",").map(String.init) {
            if let last = words.last, last.contains("="), word.contains(":"), !word.contains("=") {
                words[words.count - 1] += ",\(word)"
            } else {
                words.append(word)
            }
        }
        var recipes = try words.map { try choice.recipe($0) }
        guard !recipes.isEmpty, Set(recipes.map(\.name)).count == recipes.count else {
            throw BenchmarkError("name at least one server, and none twice")
        }
        for index in recipes.indices {
            recipes[index].valueByteCount = valueByteCount
            if recipes[index].program != .floor { recipes[index].replicaCount = replicas }
        }
        return recipes
    }

    private func comparisonOptions() throws -> ServerComparison.Options {
        var options = ServerComparison.Options()
        options.workloads = try parsedWorkloads()
        options.roundCount = rounds
        options.roundNanoseconds = UInt64(seconds * 1e9)
        options.keyCount = keys
        options.depth = depth
        options.valueByteCount = valueByteCount
        options.threadCount = threads
        options.warmUpSecondsMax = warmUpSecondsMax
        options.seed = seed
        return options
    }

    func run() throws {
        let recipes = try recipes()
        let options = try comparisonOptions()
        let directory = try common.prepareDirectory()
        let machine = MachineDescription(directory: directory)
        let report = ComparisonReport(recipes)
        common.print(machine.lines)
        common.print([
            "\(valueByteCount)-byte values, \(keys) znodes at depth \(depth), \(rounds) rounds of \(seconds) s,"
                + " \(replicas == 1 ? "one process each" : "\(replicas) processes each")", "",
        ])
        let comparison = try ServerComparison(options, directory: directory)
        defer { comparison.stop() }
        try comparison.prepare(recipes)
        var outcomes: [ServerComparison.Outcome] = []
        for workload in options.workloads {
            let outcome = try comparison.run(workload)
            outcomes.append(outcome)
            common.print([report.text(outcome), ""])
        }
        common.print(
            ["floors, measured before the rounds of each workload:"] + comparison.floors.lines.map { "  \($0)" })
        let kept = try judge(outcomes, recipes)
        if common.json {
            print(
                JSONValue.object([
                    ("machine", .array(machine.lines.map { .string($0) })),
                    ("valueBytes", .integer(valueByteCount)), ("keys", .integer(keys)), ("depth", .integer(depth)),
                    ("roundSeconds", .number(seconds)), ("replicas", .integer(replicas)),
                    ("tunedZooKeeper", .array(ServerRecipe.tunedOptions.map { .string($0) })),
                    ("floors", comparison.floors.json), ("workloads", report.json(outcomes)),
                    ("requirements", .array(kept.map(\.json))),
                ]).text())
        }
        if kept.contains(where: { !$0.holds }) { throw ExitCode(2) }
    }

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

    private func judge(_ outcomes: [ServerComparison.Outcome], _ recipes: [ServerRecipe]) throws -> [Verdict] {
        let report = ComparisonReport(recipes)
        return try parsedRequirements().map { requirement in
            let figure = requirement.figure(in: outcomes, names: recipes.map(\.name), primary: report.primary)
            let verdict = Verdict(requirement: requirement, figure: figure)
            let shown = figure.map { Figures.ratio($0) } ?? "not measured"
            common.print(["\(verdict.holds ? "kept" : "NOT KEPT"): \(requirement) (\(shown))"])
            return verdict
        }
    }
}
