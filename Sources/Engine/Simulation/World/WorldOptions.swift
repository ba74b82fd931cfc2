/// What a simulation is asked for. Everything else is drawn from the seed.
package struct WorldOptions: Hashable, Sendable {
    package var seed: UInt64
    package var voterCount = 3
    package var observerCount = 0
    /// For each replica.
    package var clientCount = 2
    /// Events of the safety phase.
    package var stepCount = 20_000
    /// The bug that is built in.
    package var mutant: Mutant?

    package init(seed: UInt64) { self.seed = seed }

    package var replicaCount: Int { voterCount + observerCount }
}

extension WorldOptions: CustomStringConvertible {
    package var description: String {
        let bug = mutant.map { " --mutant \($0.rawValue)" } ?? ""
        return "--first-seed \(seed) --replicas \(voterCount) --observers \(observerCount) --clients \(clientCount) "
            + "--steps \(stepCount)" + bug
    }
}
