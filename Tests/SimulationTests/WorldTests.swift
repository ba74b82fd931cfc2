import Testing

@testable import Simulation

@Suite("Whole clusters under a seed")
struct WorldTests {
    private func options(_ seed: UInt64, steps: Int = 4_000) -> WorldOptions {
        var options = WorldOptions(seed: seed)
        options.stepCount = steps
        return options
    }

    @Test("nothing of a run stays in memory")
    func memory() {
        weak var replica: SimulatedReplica?
        do {
            let world = World(options(9))
            replica = world.replicas.first
            #expect(world.run().failure == nil && replica != nil)
        }
        #expect(replica == nil)
    }

    @Test("equal seeds give equal traces, other seeds other ones")
    func determinism() {
        let first = World(options(7)).run()
        let second = World(options(7)).run()
        #expect(first.traceHash == second.traceHash)
        #expect(first.stepCount == second.stepCount)
        #expect(first.counters == second.counters)
        #expect(World(options(8)).run().traceHash != first.traceHash)
    }

    @Test("no promise is broken, and everything comes to its end", arguments: 1...20)
    func seeds(seed: UInt64) {
        let report = World(options(seed)).run()
        #expect(report.failure == nil, "\(report)")
        #expect(report.counters.writesAnswered > 0)
        #expect(report.counters.syncedReadsAnswered > 0)
    }

    @Test("five replicas, and one that has no vote")
    func manyReplicas() {
        var options = options(3)
        options.voterCount = 5
        options.observerCount = 1
        options.clientCount = 1
        let report = World(options).run()
        #expect(report.failure == nil, "\(report)")
    }

    @Test("twenty seeds meet every kind of fault")
    func coverage() {
        var counters = WorldCounters()
        var network = NetworkCounters()
        for seed: UInt64 in 21...40 {
            let report = World(options(seed)).run()
            counters.add(report.counters)
            network.add(report.network)
        }
        // In so short runs; `simulate --require-all` wants all of them.
        let rare = [
            "segments recycled", "behind a write", "torn", "torn groups cut", "refused", "refused requests",
            "snapshots", "snapshots installed", "installations cut", "damaged snapshots", "tampered pieces",
            "pieces or snapshots refused", "starts without room", "starts refused for a block", "tears denied",
            "faulty answers", "damaged segment headers",
        ]
        for (name, count) in counters.named where !rare.contains(name) {
            #expect(count > 0, "no \(name)")
        }
        #expect(network.lost > 0 && network.duplicated > 0 && network.reordered > 0)
        #expect(network.blocked > 0 && network.clogs > 0 && network.disconnects > 0 && network.cutOff > 0)
    }

    @Test(
        "a bug at a seam is found",
        arguments: [
            Mutant.splitBrain, .staleSync, .valueChanged, .eventLost, .versionIgnored, .readBeforeWrites,
            .votesBeforeReadmission, .tailForgotten, .checkpointAhead, .servedUnchecked, .holeAsNoOp,
        ])
    func mutants(mutant: Mutant) {
        let isFound = (1...UInt64(mutant.seedCountMax)).contains { seed in
            var options = options(seed, steps: 8_000)
            options.mutant = mutant
            return World(options).run().failure != nil
        }
        #expect(isFound)
    }
}
