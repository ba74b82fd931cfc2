import Glibc

/// Runs workloads on several servers side by side, in rounds that alternate between them, so that whatever happens to
/// the machine happens to all of them.
///
/// For each workload every server is first warmed up until its rate is steady. Before each round the file systems
/// are synced and the server is waited for until it is idle, so that no round pays for what another left behind.
package final class ServerComparison {
    package struct Options: Sendable {
        package var workloads = Workload.canonical
        package var roundCount = 5
        package var roundNanoseconds: UInt64 = 5_000_000_000
        package var keyCount = 16
        package var depth = 3
        package var valueByteCount = 100
        package var threadCount = 1
        /// Which replicas the connections go to; nil when the servers have one address, or their order is meant.
        package var placement: Placement?
        package var warmUpSecondsMax = 60.0
        /// A round during which others used more than `othersMax` processors is made again, so many times at most.
        package var repeatCountMax = 2
        package var othersMax = 0.2
        package var seed: UInt64 = 1

        package init() {}

        /// The sizes of value that occur, that of the run first.
        var valueByteCounts: [Int] {
            workloads.reduce(into: [valueByteCount]) { sizes, workload in
                if let size = workload.valueByteCount, !sizes.contains(size) { sizes.append(size) }
            }
        }
    }

    /// The rounds of one workload, by server in the order of `servers`.
    package struct Outcome: Sendable {
        package var workload: Workload
        package var rounds: [[RoundFigures]]
        /// How many seconds each server was warmed up, and whether its rate was steady in the end.
        package var warmUps: [(seconds: Double, isSteady: Bool)]
        /// Rounds that were made again because others were at work, by server.
        package var repeatCounts: [Int]
        /// Runs that were made again because the server gave no more replies, by server.
        package var stallCounts: [Int]

        /// The ratio of one server's figures to another's, round by round.
        package func ratio(_ metric: RoundFigures.Metric, of server: Int, to reference: Int) -> Spread {
            Spread.ratio(of: rounds[server].map { $0.value(metric) }, to: rounds[reference].map { $0.value(metric) })
        }

        /// The median ratio to the one among several references that looks best; nil when there is none.
        package func worstRatio(_ metric: RoundFigures.Metric, of server: Int, to references: [Int]) -> Double? {
            let ratios = references.map { ratio(metric, of: server, to: $0).median }
            return metric.isSmallerBetter ? ratios.max() : ratios.min()
        }
    }

    /// How long a server that may stall is waited for, and how often it may during one workload.
    private static let stallSeconds: UInt64 = 5
    private static let stallCountMax = 20

    private var stallCounts: [Int] = []
    package let options: Options
    package private(set) var servers: [MeasuredServer] = []
    package private(set) var floors = FloorFigures()
    private let directory: String
    /// The keys, by the size of their values: a get of one size must not find a value of another.
    private let keySpaces: [Int: KeySpace]
    private let disk: MachineDescription

    /// - Parameter directory: an absolute path on a real disk; the servers' data and the floors' files lie in it.
    package init(_ options: Options, directory: String) throws {
        self.options = options
        self.directory = directory
        disk = MachineDescription(directory: directory)
        var keySpaces: [Int: KeySpace] = [:]
        for size in options.valueByteCounts {
            let root = size == options.valueByteCount ? "bench" : "bench-\(size)"
            keySpaces[size] = try KeySpace(root: root, keyCount: options.keyCount, depth: options.depth)
        }
        self.keySpaces = keySpaces
    }

    deinit { stop() }

    /// Starts the servers and makes the keys on each.
    package func prepare(_ recipes: [ServerRecipe]) throws {
        for recipe in recipes {
            Progress.say("starting \(recipe.name)")
            let server = try MeasuredServer(recipe, directory: "\(directory)/\(recipe.name)")
            servers.append(server)
            Progress.say("making \(options.keyCount) znodes on \(recipe.name) at \(server.addresses[0])")
            for (size, keySpace) in keySpaces.sorted(by: { $0.key < $1.key }) {
                try TreePreparation.fill(keySpace, on: server, valueByteCount: size)
            }
        }
    }

    /// Ends the servers that were started and removes their data.
    package func stop() {
        for server in servers { server.stop() }
        servers = []
    }

    /// Warms up and runs the rounds of one workload.
    package func run(_ workload: Workload) throws -> Outcome {
        var outcome = Outcome(
            workload: workload, rounds: servers.map { _ in [] }, warmUps: [], repeatCounts: servers.map { _ in 0 },
            stallCounts: [])
        stallCounts = servers.map { _ in 0 }
        for server in servers { outcome.warmUps.append(try warmUp(server, workload)) }
        sync()
        try floors.measure(directory: directory, nanoseconds: 500_000_000)
        for round in 0..<options.roundCount {
            for (index, server) in servers.enumerated() {
                outcome.rounds[index].append(
                    try undisturbed(server, workload, round: round, repeatCount: &outcome.repeatCounts[index]))
            }
        }
        outcome.stallCounts = stallCounts
        return outcome
    }

    /// Does `body`, which loads the server, once more if that stops answering and may.
    private func again<Result>(
        _ server: MeasuredServer, _ workload: Workload, _ body: () throws -> Result
    ) throws -> Result {
        while true {
            do {
                return try body()
            } catch let stall as LoadStall {
                let name = server.recipe.name
                guard server.recipe.mayStall, let index = servers.firstIndex(where: { $0 === server }),
                    stallCounts[index] < Self.stallCountMax
                else { throw BenchmarkError("\(workload) on \(name): \(stall)") }
                stallCounts[index] += 1
                Progress.say("\(workload) \(name): \(stall); once more, with new sessions")
            }
        }
    }

    /// One round, made again while others take the processors away.
    private func undisturbed(
        _ server: MeasuredServer, _ workload: Workload, round: Int, repeatCount: inout Int
    ) throws -> RoundFigures {
        for attempt in 0... {
            let figures = try again(server, workload) {
                try measure(server, workload, seed: options.seed &+ UInt64(round))
            }
            let others = figures.value(.othersCPU) + figures.value(.stolenCPU)
            let isDisturbed = others > options.othersMax
            Progress.say(
                "\(workload) round \(round + 1)/\(options.roundCount) \(server.name):"
                    + " \(Figures.rate(figures.value(.rate))), p50 \(Figures.time(figures.value(.p50))),"
                    + " p99 \(Figures.time(figures.value(.p99)))"
                    + (isDisturbed ? ", disturbed: others used \(Figures.decimal(others, 2)) processors" : ""))
            if !isDisturbed || attempt >= options.repeatCountMax { return figures }
            repeatCount += 1
        }
        throw BenchmarkError("unreachable: the loop above has no end")
    }

    private func warmUp(_ server: MeasuredServer, _ workload: Workload) throws -> (seconds: Double, isSteady: Bool) {
        var steadiness = Steadiness(windowCount: server.recipe.needsLongWarmUp ? 5 : 3, tolerance: 0.1)
        let place = try server.place(options.placement)
        let startedAt = monotonicNanoseconds()
        var seconds = 0.0
        var seed = options.seed &+ 1_000_000
        while seconds < options.warmUpSecondsMax && !steadiness.isSteady {
            let result = try again(server, workload) {
                try load(server, workload, at: place, nanoseconds: 1_000_000_000, seed: seed)
            }
            steadiness.add(result.rate)
            seed &+= 1
            seconds = Double(monotonicNanoseconds() - startedAt) / 1e9
        }
        let rates = steadiness.rates.map { Figures.rate($0) }
        let shown = rates.count > 8 ? rates.prefix(3) + ["..."] + rates.suffix(4) : rates[...]
        Progress.say(
            "\(workload) warm-up \(server.name): \(shown.joined(separator: ", "))"
                + (steadiness.isSteady ? "" : " - NOT STEADY after \(Figures.decimal(seconds, 0)) s"))
        return (seconds, steadiness.isSteady)
    }

    private func measure(_ server: MeasuredServer, _ workload: Workload, seed: UInt64) throws -> RoundFigures {
        sync()
        if !server.waitUntilIdle() { Progress.say("\(server.name) was still busy when its round began") }
        let place = try server.place(options.placement)
        let counters = server.counters()
        let usage = server.usage()
        let own = ProcessUsage.own
        let machine = ProcessorUse.now
        let written = disk.writtenBytes()
        var writtenAfter = written
        var usageAfter = usage
        var ownAfter = own
        var machineAfter = machine
        let result = try load(server, workload, at: place, nanoseconds: options.roundNanoseconds, seed: seed) {
            usageAfter = server.usage()
            ownAfter = ProcessUsage.own
            machineAfter = ProcessorUse.now
            writtenAfter = disk.writtenBytes()
        }
        var moved: [String: Double] = [:]
        for (name, value) in server.counters() {
            if let before = counters[name], before != value { moved[name] = value - before }
        }
        if try server.place(options.placement) != place {
            Progress.say("\(server.name) changed its leader during the round")
        }
        let used = usageAfter.since(usage)
        let generator = ownAfter.since(own)
        let busy = Int64(clamping: machineAfter.busyNanoseconds - machine.busyNanoseconds)
        let known = Int64(clamping: used.processorNanoseconds + generator.processorNanoseconds)
        return RoundFigures(
            result: result, server: server.processes.isEmpty ? nil : used, generator: generator,
            // What a server that was not started here uses cannot be told from what others use.
            othersNanoseconds: server.processes.isEmpty ? 0 : UInt64(max(0, busy - known)),
            stolenNanoseconds: machineAfter.stolenNanoseconds - machine.stolenNanoseconds,
            diskBytes: writtenAfter.flatMap { after in written.map { after - $0 } }, counters: moved)
    }

    /// One run of the generator; `atEnd` is called when the last reply is there, before anything is cleaned up.
    private func load(
        _ server: MeasuredServer, _ workload: Workload, at place: [ServerAddress], nanoseconds: UInt64, seed: UInt64,
        atEnd: () -> Void = {}
    ) throws -> LoadResult {
        let size = workload.valueByteCount ?? options.valueByteCount
        guard let keySpace = keySpaces[size] else { throw BenchmarkError("\(workload) was not prepared for") }
        var plan = try workload.plan(addresses: place, keySpace: keySpace)
        plan.valueByteCount = size
        plan.threadCount = options.threadCount
        plan.durationNanoseconds = nanoseconds
        plan.checksContent = server.recipe.checksContent
        plan.seed = seed
        if server.recipe.mayStall { plan.stallSeconds = Self.stallSeconds }
        if workload.kind == .create {
            try TreePreparation.makeDirectories(plan.keySpace, count: workload.connectionCount, on: server)
        }
        do {
            let result = try LoadRun.run(plan)
            atEnd()
            if workload.kind == .create { try TreePreparation.sweep(result, of: plan) }
            return result
        } catch let error as BenchmarkError {
            throw BenchmarkError("\(workload) on \(server.name): \(error)")
        }
    }
}
