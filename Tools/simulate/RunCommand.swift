import ArgumentParser
import Simulation

/// Runs whole clusters under seeds, and stops at the first one that breaks a promise.

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a cluster of real engines over simulated network, clocks and disks, and checks every promise.",
        discussion: """
            A seed decides everything; the same options give the same trace hash on every machine. With --mutant the \
            engine has a bug, and it is a failure if no seed finds it.

            Every kind of fault and repair is counted. With --require-all, and with 2000 seeds or more, it is a failure \
            if something never happened.

            Exit status: 0 all is well; 64 wrong command line; 128 something does not come to its end; 129 a promise \
            was broken, or a mutant was not found; 130 something that is counted never happened.
            """)

    @Option(help: "How many seeds.") var seeds: UInt64 = 20
    @Option(help: "The first of them.") var firstSeed: UInt64 = 1
    @Option(help: "Replicas that vote.") var replicas = 3
    @Option(help: "Replicas that do not.") var observers = 0
    @Option(help: "Clients for each replica.") var clients = 2
    @Option(help: "Events of the phase in which things go wrong.") var steps = 20_000
    @Option(help: "A bug to build in; \"all\" for every one in turn.") var mutant: String?
    @Flag(help: "Goes on behind a seed that fails.") var keepGoing = false
    @Flag(help: "It is a failure if a fault or repair of some kind never happens.") var requireAll = false
    @Flag(help: "Says what each seed drew, and what came of it.") var verbose = false

    func validate() throws {
        guard replicas > 0, observers >= 0, clients > 0, replicas + observers < 10 else {
            throw ValidationError("from 1 to 9 replicas, with at least one client each")
        }
        if let mutant, mutant != "all", Mutant(rawValue: mutant) == nil {
            throw ValidationError("no mutant \(mutant); there are: \(Mutant.allCases.map(\.rawValue))")
        }
    }

    func run() throws {
        if mutant == "all" {
            for mutant in Mutant.allCases { try hunt(mutant) }
        } else if let mutant = mutant.flatMap(Mutant.init) {
            try hunt(mutant)
        } else {
            try check()
        }
    }

    private func options(_ seed: UInt64) -> WorldOptions {
        var options = WorldOptions(seed: seed)
        options.voterCount = replicas
        options.observerCount = observers
        options.clientCount = clients
        options.stepCount = steps
        return options
    }

    /// Every seed must be green.
    private func check() throws {
        let line = "simulate --seeds \(seeds) \(options(firstSeed))"
        print(line)
        let clock = ContinuousClock()
        let start = clock.now
        var sums = ReportSums()
        var progress = SeedProgress(total: seeds)
        var exit = ExitCode.success
        for seed in firstSeed..<(firstSeed + seeds) {
            let report = World(options(seed)).run()
            sums.add(report)
            progress.passed(failedCount: sums.failedCount)
            if verbose || (report.failure != nil && !keepGoing) { print(report) }
            guard let failure = report.failure else { continue }
            print("FAILED: \(failure)")
            print("simulate --seeds 1 \(report.options)")
            exit = ExitCode(failure.kind == .liveness ? 128 : 129)
            if !keepGoing { break }
        }
        print(sums.description(over: start.duration(to: clock.now)))
        print(line)
        if exit != .success { throw exit }
        try requireAll(sums)
    }

    /// What never happens is not tested.
    private func requireAll(_ sums: ReportSums) throws {
        guard requireAll || seeds >= 2_000, !sums.missing.isEmpty else { return }
        print("NEVER HAPPENED: \(sums.missing.joined(separator: ", "))")
        throw ExitCode(130)
    }

    /// One seed at least must be red, before as many as the mutant states.
    private func hunt(_ mutant: Mutant) throws {
        for seed in firstSeed..<(firstSeed + UInt64(mutant.seedCountMax)) {
            var options = options(seed)
            options.mutant = mutant
            let report = World(options).run()
            guard let failure = report.failure else { continue }
            print("\(mutant.rawValue): found with seed \(seed): \(String(failure.description.prefix(240)))")
            return
        }
        print("\(mutant.rawValue): NOT FOUND in \(mutant.seedCountMax) seeds: \(options(firstSeed))")
        throw ExitCode(129)
    }
}
