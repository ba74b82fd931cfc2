import ArgumentParser
import BenchmarkSupport

/// What every comparison under load understands.
struct ComparisonOptions: ParsableArguments {
    @Option(help: "How many rounds each server has for each workload.")
    var rounds = 5
    @Option(help: "How long a round is.")
    var seconds = 5.0
    @Option(help: "How many znodes are touched, at random and evenly: few are hot keys, many a spread load.")
    var keys = 16
    @Option(help: "How many components a path has.")
    var depth = 3
    @Option(name: .customLong("value-bytes"), help: "The size of a znode's value, unless a workload names its own.")
    var valueByteCount = 100
    @Option(help: "Threads of the load generator; it shares the processors with the servers.")
    var threads = 1
    @Option(name: .customLong("warm-up-seconds"), help: "When to stop waiting for a steady rate.")
    var warmUpSecondsMax = 60.0
    @Option(help: "Seed of the choice of keys.")
    var seed: UInt64 = 1
    @Option(help: "A bound to keep, such as 'set/16x8:rate>=3'; may be repeated. Ratios are to ZooKeeper, or @NAME.")
    var require: [String] = []

    func validate() throws {
        guard rounds >= 1, seconds >= 0.2, threads >= 1, valueByteCount >= 0 else {
            throw ValidationError("rounds and threads are at least 1, seconds at least 0.2")
        }
        do { _ = try requirements() } catch let error as BenchmarkError { throw ValidationError(error.description) }
    }

    func requirements() throws -> [Requirement] { try require.map { try Requirement(parsing: $0) } }

    /// The workloads of a list, separated by commas.
    func workloads(_ list: String) throws -> [Workload] {
        try list.split(separator: ",").map { try Workload(parsing: String($0)) }
    }

    /// The options of a run.
    func options(_ workloads: [Workload], placement: Placement?) -> ServerComparison.Options {
        var options = ServerComparison.Options()
        options.workloads = workloads
        options.placement = placement
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

    var json: [(String, JSONValue)] {
        [
            ("valueBytes", .integer(valueByteCount)), ("keys", .integer(keys)), ("depth", .integer(depth)),
            ("roundSeconds", .number(seconds)),
        ]
    }
}
