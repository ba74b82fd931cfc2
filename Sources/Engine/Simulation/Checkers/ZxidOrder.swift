import CoreTypes
import ZooKeeperWire

/// Holds a history to the order that its zxids claim, in O(n log n).
///
/// Every write says its place in one total order, so that no order has to be searched for (as `Linearizability` does,
/// which trusts no zxid): it is enough that
/// 1. a zxid belongs to one command, and an operation has one zxid;
/// 2. the order agrees with real time: what answered before something else began has the lower zxid, and a synced read
///    sees all that was answered before it began;
/// 3. a replay of the writes in this order answers each what its client was answered, and shows each read, at the zxid
///    of its header, what its client was shown.
///
/// Local reads are held to 3 as well: a replica that serves them is at exactly the zxid it says, in one thread.
///
/// Writes whose outcome is unknown must be settled by `History.note(_: Execution)`: those that no replica executed by
/// the end of the run count as never executed. Everything that changes znodes must be in the history: TTLs, containers
/// and access lists must not be used.
package enum ZxidOrder {
    /// - Throws: the first rule that is broken, by rising zxid within each of the three steps.
    package static func check(_ history: History) throws(Violation) {
        let executed = try ExecutedWrites(history)
        try checkRealTime(history, executed)
        try checkReplay(history, executed)
    }

    // MARK: Real time

    /// Sweeps over steps, with the highest zxid that was shown to anybody before each invocation.
    private static func checkRealTime(_ history: History, _ executed: ExecutedWrites) throws(Violation) {
        var answered = history.operations.indices.filter { history.operations[$0].outcome == .answered }
        answered.sort { history.operations[$0].responded < history.operations[$1].responded }
        var next = 0
        var highest = -1
        for (index, operation) in history.operations.enumerated() {
            while next < answered.count, history.operations[answered[next]].responded < operation.invoked {
                let other = answered[next]
                if highest < 0 || history.operations[other].zxid > history.operations[highest].zxid { highest = other }
                next += 1
            }
            guard highest >= 0 else { continue }
            let shown = history.operations[highest].zxid
            let isStaleRead = operation.isSynced && operation.outcome == .answered && operation.zxid < shown
            let isEarlyWrite = executed.zxids[index] != .zero && executed.zxids[index] <= shown
            if isStaleRead || isEarlyWrite {
                let zxid = isEarlyWrite ? executed.zxids[index] : operation.zxid
                throw Violation(
                    .realTime,
                    "zxid \(zxid.rawValue), begun when zxid \(shown.rawValue) had been answered: "
                        + "\(history.describe(index)); before it: \(history.describe(highest))")
            }
        }
    }

    // MARK: Replay

    private static func checkReplay(_ history: History, _ executed: ExecutedWrites) throws(Violation) {
        var replay = TreeReplay(history.paths)
        var reads = history.operations.indices.filter {
            !history.operations[$0].isWrite && history.operations[$0].outcome == .answered
        }
        reads.sort { (history.operations[$0].zxid, $0) < (history.operations[$1].zxid, $1) }
        var nextRead = 0
        for element in executed.elements {
            while nextRead < reads.count, history.operations[reads[nextRead]].zxid < element.zxid {
                try checkResults(of: reads[nextRead], history, replay: &replay)
                nextRead += 1
            }
            switch element.command {
            case .end(let index): replay.end(history.ends[index].session, zxid: element.zxid)
            case .operation(let index): try checkResults(of: index, at: element.zxid, history, replay: &replay)
            }
        }
        for read in reads[nextRead...] { try checkResults(of: read, history, replay: &replay) }
    }

    private static func checkResults(
        of index: Int, at zxid: Zxid = .zero, _ history: History, replay: inout TreeReplay
    ) throws(Violation) {
        let operation = history.operations[index]
        let actions = history.actions[operation.actions]
        let expected = replay.execute(actions, session: operation.session, zxid: zxid)
        guard operation.outcome == .answered else { return }
        for (number, place) in operation.actions.enumerated()
        where !agree(expected[number], history.results[place], history.actions[place].kind) {
            let created = expected[number].created
            let wanted =
                created == .none
                ? history.describe(expected[number], of: history.actions[place].kind) : replay.paths.text(of: created)
            throw Violation(.replay, "expected \(wanted): \(history.describe(index))")
        }
    }

    /// Compares what a reply of this kind carries.
    private static func agree(_ expected: ActionResult, _ actual: ActionResult, _ kind: Action.Kind) -> Bool {
        guard expected.error == actual.error else { return false }
        if expected.error != .ok { return true }
        switch kind {
        case .delete, .check: return true
        case .create: return expected.created == actual.created
        case .set: return expected.version == actual.version && expected.mzxid == actual.mzxid
        case .children:
            return expected.childCount == actual.childCount && expected.childrenDigest == actual.childrenDigest
                && expected.cversion == actual.cversion
        case .get, .exists:
            if kind == .get && expected.content != actual.content { return false }
            return expected.version == actual.version && expected.czxid == actual.czxid
                && expected.mzxid == actual.mzxid && expected.cversion == actual.cversion
                && expected.owner == actual.owner && expected.childCount == actual.childCount
        }
    }
}
