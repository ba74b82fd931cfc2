/// What became of a simulation.
package struct WorldReport: Sendable {
    package var options: WorldOptions
    package var plan: WorldPlan
    /// Nil if all is well.
    package var failure: WorldFailure?
    /// Of everything that happened: equal for equal options.
    package var traceHash: UInt64
    package var counters: WorldCounters
    package var network: NetworkCounters
    package var stepCount: UInt64
    package var time: SimulatedTime
    package var operationCount: Int
    /// Partitions of the history whose linearizability was not decided.
    package var undecidedCount = 0
}

extension WorldReport: CustomStringConvertible {
    package var description: String {
        let counts = counters.named.filter { $0.count > 0 }.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
        return """
            seed \(options.seed): \(options)
            \(plan)
            \(counts); \(network)
            \(stepCount) steps, \(time.rawValue) us, \(operationCount) operations, trace \
            \(String(traceHash, radix: 16))
            """
    }
}
