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
    /// How far each counter of the server moved, all its replicas together.
    package var counters: [String: Double]

    /// The figures that are compared, all of one round.
    package enum Metric: String, Sendable, CaseIterable {
        case rate, p50, p99, p999, max, slowest
        case serverCPU = "server-cpu"
        case generatorCPU = "generator-cpu"
        case othersCPU = "others-cpu"
        case stolenCPU = "stolen-cpu"
        // What a write costs, all replicas together.
        case timePerWrite = "cpu-per-write"
        case switchesPerWrite = "switches-per-write"
        case readCallsPerWrite = "read-calls-per-write"
        case writeCallsPerWrite = "write-calls-per-write"
        case bytesPerWrite = "bytes-per-write"
        case diskBytesPerWrite = "disk-bytes-per-write"
        case syncsPerWrite = "syncs-per-write"

        /// The costs of a write, in the order in which they are shown.
        package static let costs: [Metric] = [
            .timePerWrite, .switchesPerWrite, .readCallsPerWrite, .writeCallsPerWrite, .bytesPerWrite,
            .diskBytesPerWrite, .syncsPerWrite,
        ]

        /// True for latencies and costs: the smaller of two is the better one.
        package var isSmallerBetter: Bool {
            switch self {
            case .p50, .p99, .p999, .max: true
            case .rate, .slowest, .serverCPU, .generatorCPU, .othersCPU, .stolenCPU: false
            case .timePerWrite, .switchesPerWrite, .readCallsPerWrite, .writeCallsPerWrite, .bytesPerWrite,
                .diskBytesPerWrite, .syncsPerWrite:
                true
            }
        }
    }

    /// How many requests the costs are divided by: the writes, or the reads of a load without writes.
    package var costDivisor: Double {
        Double(max(1, result.writes.count > 0 ? result.writes.count : result.reads.count))
    }

    /// How often the replicas made their logs durable, as they count it: `aviaryd` its groups, ZooKeeper its syncs.
    package var syncCount: Double { counters["zk_log_group_count"] ?? counters["zk_cnt_fsynctime"] ?? 0 }

    /// Rates in requests a second, latencies in nanoseconds, processor use in processors, costs in nanoseconds, calls
    /// and bytes; costs that are not known are zero.
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
        case .timePerWrite: Double(server?.processorNanoseconds ?? 0) / costDivisor
        case .switchesPerWrite: Double(server?.switchCount ?? 0) / costDivisor
        case .readCallsPerWrite: Double(server?.readCallCount ?? 0) / costDivisor
        case .writeCallsPerWrite: Double(server?.writeCallCount ?? 0) / costDivisor
        case .bytesPerWrite: Double(server?.writtenBytes ?? 0) / costDivisor
        case .diskBytesPerWrite: Double(diskBytes ?? 0) / costDivisor
        case .syncsPerWrite: syncCount / costDivisor
        }
    }
}
