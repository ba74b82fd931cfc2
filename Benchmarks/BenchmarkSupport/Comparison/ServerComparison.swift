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
        package var warmUpSecondsMax = 60.0
        /// A round during which others used more than `othersMax` processors is made again, so many times at most.
        package var repeatCountMax = 2
        package var othersMax = 0.2
        package var seed: UInt64 = 1

        package init() {}
    }

    /// The rounds of one workload, by server in the order of `servers`.
    package struct Outcome: Sendable {
        package var workload: Workload
        package var rounds: [[RoundFigures]]
        /// How many seconds each server was warmed up, and whether its rate was steady in the end.
        package var warmUps: [(seconds: Double, isSteady: Bool)]
        /// Rounds that were made again because others were at work, by server.
        package var repeatCounts: [Int]
    }

    package let options: Options
    package private(set) var servers: [MeasuredServer] = []
    package private(set) var floors = FloorFigures()
    private let directory: String
    private let keySpace: KeySpace
    private let disk: MachineDescription

    /// - Parameter directory: an absolute path on a real disk; the servers' data and the floors' files lie in it.
    package init(_ options: Options, directory: String) throws {
        self.options = options
        self.directory = directory
        disk = MachineDescription(directory: directory)
        keySpace = try KeySpace(keyCount: options.keyCount, depth: options.depth)
    }

    deinit { stop() }

    /// Starts the servers and makes the keys on each.
    package func prepare(_ recipes: [ServerRecipe]) throws {
        for recipe in recipes {
            Progress.say("starting \(recipe.name)")
            let server = try MeasuredServer(recipe, directory: "\(directory)/\(recipe.name)")
            servers.append(server)
            Progress.say("making \(options.keyCount) znodes on \(recipe.name) at \(server.addresses[0])")
            try TreePreparation.fill(keySpace, on: server, valueByteCount: options.valueByteCount)
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
            workload: workload, rounds: servers.map { _ in [] }, warmUps: [], repeatCounts: servers.map { _ in 0 })
        for server in servers { outcome.warmUps.append(try warmUp(server, workload)) }
        sync()
        try floors.measure(directory: directory, nanoseconds: 500_000_000)
        for round in 0..<options.roundCount {
            for (index, server) in servers.enumerated() {
                outcome.rounds[index].append(
                    try undisturbed(server, workload, round: round, repeatCount: &outcome.repeatCounts[index]))
            }
        }
        return outcome
    }

    /// One round, made again while others take the processors away.
    private func undisturbed(
        _ server: MeasuredServer, _ workload: Workload, round: Int, repeatCount: inout Int
    ) throws -> RoundFigures {
        for attempt in 0... {
            let figures = try measure(server, workload, seed: options.seed &+ UInt64(round))
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
        let startedAt = monotonicNanoseconds()
        var seconds = 0.0
        var seed = options.seed &+ 1_000_000
        while seconds < options.warmUpSecondsMax && !steadiness.isSteady {
            let result = try load(server, workload, nanoseconds: 1_000_000_000, seed: seed)
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
        let counters = server.counters()
        let usage = server.usage()
        let own = ProcessUsage.own
        let machine = ProcessorUse.now
        let written = disk.writtenBytes()
        var writtenAfter = written
        var usageAfter = usage
        var ownAfter = own
        var machineAfter = machine
        let result = try load(server, workload, nanoseconds: options.roundNanoseconds, seed: seed) {
            usageAfter = server.usage()
            ownAfter = ProcessUsage.own
            machineAfter = ProcessorUse.now
            writtenAfter = disk.writtenBytes()
        }
        var moved: [String: Double] = [:]
        for (name, value) in server.counters() {
            if let before = counters[name], before != value { moved[name] = value - before }
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
        _ server: MeasuredServer, _ workload: Workload, nanoseconds: UInt64, seed: UInt64, atEnd: () -> Void = {}
    ) throws -> LoadResult {
        var plan = try workload.plan(addresses: server.addresses, keySpace: keySpace)
        plan.valueByteCount = options.valueByteCount
        plan.threadCount = options.threadCount
        plan.durationNanoseconds = nanoseconds
        plan.checksContent = server.recipe.checksContent
        plan.seed = seed
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
