/// What one round of one workload on one server gave.
package struct RoundFigures: Sendable {
    package var result: LoadResult
    /// What the server's processes used during the round; nothing is known of a server that was not started here.
    package var server: ProcessUsage?
    /// What this process used, the generator above all.
    package var generator: ProcessUsage
    /// Processor time of everybody else on the machine, the kernel's own threads included.
    package var othersNanoseconds: UInt64
    /// Processor time that the host gave to other machines.
    package var stolenNanoseconds: UInt64
    /// Bytes that the disk was made to write, by anybody.
    package var diskBytes: UInt64?
    /// How far each counter of the server moved.
    package var counters: [String: Double]

    /// The figures that are compared, all of one round.
    package enum Metric: String, Sendable, CaseIterable {
        case rate, p50, p99, p999, max, slowest
        case serverCPU = "server-cpu"
        case generatorCPU = "generator-cpu"
        case othersCPU = "others-cpu"
        case stolenCPU = "stolen-cpu"

        /// True for latencies: the smaller of two is the better one.
        package var isTime: Bool { self == .p50 || self == .p99 || self == .p999 || self == .max }
    }

    /// Rates in requests a second, latencies in nanoseconds, processor use in processors.
    package func value(_ metric: Metric) -> Double {
        let all = result.latencies
        let elapsed = Double(max(1, result.elapsedNanoseconds))
        return switch metric {
        case .rate: result.rate
        case .p50: Double(all.percentile(0.5))
        case .p99: Double(all.percentile(0.99))
        case .p999: Double(all.percentile(0.999))
        case .max: Double(all.maximum)
        case .slowest: result.slowestTenthRate
        case .serverCPU: Double(server?.processorNanoseconds ?? 0) / elapsed
        case .generatorCPU: Double(generator.processorNanoseconds) / elapsed
        case .othersCPU: Double(othersNanoseconds) / elapsed
        case .stolenCPU: Double(stolenNanoseconds) / elapsed
        }
    }

    /// A quantity for each request that was answered.
    package func perRequest(_ total: UInt64) -> Double { Double(total) / Double(max(1, result.completedCount)) }
}
