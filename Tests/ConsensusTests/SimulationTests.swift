import Consensus
import CoreTypes
import Testing

/// Whole clusters under a seed. `SEEDS=n` and `FIRST_SEED=n` in the environment widen the run.
@Suite struct SimulationTests {
    @Test("no fault breaks safety, and when the faults end the cluster goes on")
    func safetyThenLiveness() {
        let first = environment("FIRST_SEED").flatMap { UInt64($0) } ?? 1
        let count = environment("SEEDS").flatMap { UInt64($0) } ?? 12
        var total = SimulationCounts()
        for seed in first..<(first + count) {
            var simulation = Simulation(seed: seed)
            if let violation = simulation.run() {
                Issue.record("seed \(seed): \(violation)\n\(simulation.options)")
            }
            total = total + simulation.counts
        }
        print("consensus simulation: \(count) seeds from \(first): \(total)")
    }

    @Test("the same seed gives the same run")
    func isDeterministic() {
        var first = Simulation(seed: 77)
        var second = Simulation(seed: 77)
        #expect(first.run() == second.run())
        #expect(first.nodes == second.nodes)
    }

    /// The seed at which each bug was found. When the protocol or the simulator changes, runs change; then
    /// `MUTANT_SEEDS=1000` searches from the first seed on and prints what to write here.
    static let findings: [(mutant: Mutant, seed: UInt64)] = [
        (.answerBeforePersist, 2), (.ownVoteBeforePersist, 2), (.forgetPromise, 52), (.forgetAccepted, 13),
        (.resurrectOldValue, 1), (.faultyAsNo, 370), (.unknownAsNo, 406), (.promiseWithoutReport, 1),
        (.promiseWithWrongBallots, 117), (.countVoteTwice, 2), (.wipedKeepsIdentity, 92), (.learnAnyBallot, 1),
        (.localReadIndex, 139), (.reuseReadIndex, 1), (.acknowledgeGaps, 1),
    ]

    @Test("every seeded bug is caught", arguments: findings)
    func catches(_ finding: (mutant: Mutant, seed: UInt64)) {
        let searched = environment("MUTANT_SEEDS").flatMap { UInt64($0) }
        let seeds = searched.map { 1...$0 } ?? finding.seed...finding.seed
        for seed in seeds {
            var simulation = Simulation(seed: seed, mutant: finding.mutant)
            if let violation = simulation.run() {
                if searched != nil { print("mutant \(finding.mutant.rawValue): seed \(seed): \(violation)") }
                return
            }
        }
        Issue.record("mutant \(finding.mutant.rawValue) survived seeds \(seeds)")
    }
}
