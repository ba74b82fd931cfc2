import CoreTypes

/// Looks for an order of writes and synced reads that explains all their results and agrees with real time, trusting no
/// zxid.
///
/// The model is a znode: there or not, its data, its version and its owner. Each znode is judged alone, those that a
/// multi joins together; lists of children and local reads are not judged here. Operations of unknown outcome may take
/// effect at any time after their invocation, or never; a sequential create among them may have made any name.
///
/// For each partition:
/// 1. the order that the zxids claim is tried: if it explains everything, it is the proof, wherever it came from;
/// 2. if it does not, and multis join several znodes, each of them is searched alone, with the multis' actions on it:
///    where this fails, there is no order for all of them either, and the report is short;
/// 3. the partition is searched.
///
/// - Complexity: O(n log n) for 1, whatever the length. A search is about linear while few clients overlap on a znode
///   and most are answered, and exponential at worst in the operations that overlap and in those of unknown outcome:
///   thousands of operations on a znode are fine, with a few of unknown outcome at any time. Past
///   `Limits.linearizationPlacementCountMax` placements a partition is given up as undecided.
package enum Linearizability {
    package struct Summary: Equatable, Sendable {
        package var partitionCount = 0
        package var operationCount = 0
        package var placementCount = 0
        /// Partitions that were given up: neither right nor wrong.
        package var undecidedCount = 0
    }

    /// - Parameters:
    ///   - placementCountMax: that one search may try; nil for the limit.
    ///   - usesZxids: false leaves out the order that the zxids claim.
    /// - Throws: `linearizable`, with the shortest prefix of the first partition that has no order.
    @discardableResult
    package static func check(
        _ history: History, placementCountMax: Int? = nil, usesZxids: Bool = true
    ) throws(Violation) -> Summary {
        let max = placementCountMax ?? Limits.linearizationPlacementCountMax
        var summary = Summary()
        let hints = usesZxids ? hints(history) : Array(repeating: Zxid.zero, count: history.operations.count)
        for partition in PartitionBuilder(history, hints: hints).partitions {
            summary.partitionCount += 1
            summary.operationCount += partition.operations.count
            if usesZxids && partition.isExplainedByHints { continue }
            if partition.paths.count > 1 {
                for place in partition.paths.indices {
                    _ = try search(partition.projected(on: place), history, max, &summary)
                }
            }
            let isDecided = try search(partition, history, max, &summary)
            if !isDecided { summary.undecidedCount += 1 }
        }
        return summary
    }

    /// The zxid that each operation is said to have.
    private static func hints(_ history: History) -> [Zxid] {
        var hints = history.operations.map(\.zxid)
        for execution in history.executions { hints[execution.operation] = execution.zxid }
        return hints
    }

    /// False if it took too long.
    private static func search(
        _ partition: SearchPartition, _ history: History, _ placementCountMax: Int, _ summary: inout Summary
    ) throws(Violation) -> Bool {
        var search = LinearizationSearch(partition)
        let verdict = search.run(placementCountMax: placementCountMax)
        summary.placementCount += search.placementCount
        switch verdict {
        case .linearizable: return true
        case .undecided: return false
        case .broken(let operation, let states):
            throw Violation(.linearizable, describe(operation, states, partition, history))
        }
    }

    /// Operations of the prefix that a report shows.
    private static let shownCount = 12

    private static func describe(
        _ last: Int, _ states: [SearchZnode], _ partition: SearchPartition, _ history: History
    ) -> String {
        let end = partition.operations[last].responded
        let prefix = partition.operations.filter { $0.invoked < end }
        let paths = partition.paths.prefix(8).map { history.paths.text(of: $0) }.joined(separator: ", ")
        var lines = [
            "No order explains the first \(prefix.count) operations on \(paths)\(partition.paths.count > 8 ? "..." : ""),",
            "which end with \(history.describe(partition.operations[last].index)).",
            "The best order leads to:",
        ]
        for action in partition.actions[partition.operations[last].actions] {
            let znode = states[action.znode]
            let text = znode.isThere ? "version \(znode.version) content \(znode.content)" : "not there"
            lines.append("  \(history.paths.text(of: partition.paths[action.znode])): \(text)")
        }
        lines.append("The last operations before:")
        for operation in prefix.suffix(shownCount) {
            lines.append("  " + (operation.index < 0 ? "the end of a session" : history.describe(operation.index)))
        }
        return lines.joined(separator: "\n")
    }
}
