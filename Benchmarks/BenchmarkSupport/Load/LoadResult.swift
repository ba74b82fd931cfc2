/// What a run of the load generator saw.
package struct LoadResult: Sendable {
    /// Replies that came before time was up.
    package var completedCount: UInt64 = 0
    /// From the first request to the end of the window, or to the last reply when the choice ended by itself.
    package var elapsedNanoseconds: UInt64 = 0
    /// Latencies of all requests, those answered after the window included: a slow one must not vanish.
    package var reads = LatencyHistogram()
    package var writes = LatencyHistogram()
    /// Replies in each tenth of a second.
    package var tenths: [UInt64] = []
    /// Replies whose whole content was compared.
    package var sampledCount: UInt64 = 0
    /// For `growing`: how many znodes each connection made.
    package var createdCounts: [Int] = []
    /// Creates that found the znode there already.
    package var existingCount: UInt64 = 0
    /// True when a connection ended before the run did.
    package var wasDisconnected = false

    package init() {}

    package var latencies: LatencyHistogram {
        var all = reads
        all.merge(writes)
        return all
    }

    /// Replies a second.
    package var rate: Double {
        elapsedNanoseconds == 0 ? 0 : Double(completedCount) * 1e9 / Double(elapsedNanoseconds)
    }

    /// The rate of the slowest whole tenth of a second: what a stall looks like from outside.
    package var slowestTenthRate: Double {
        Double(tenths.dropLast().min() ?? tenths.min() ?? 0) * 10
    }

    mutating func merge(_ other: LoadResult) {
        completedCount += other.completedCount
        elapsedNanoseconds = max(elapsedNanoseconds, other.elapsedNanoseconds)
        reads.merge(other.reads)
        writes.merge(other.writes)
        for (index, count) in other.tenths.enumerated() {
            if index < tenths.count { tenths[index] += count } else { tenths.append(count) }
        }
        sampledCount += other.sampledCount
        createdCounts += other.createdCounts
        existingCount += other.existingCount
        wasDisconnected = wasDisconnected || other.wasDisconnected
    }
}
