import CoreTypes
import ZooKeeperWire

/// Holds each session to what ZooKeeper promises it, whatever replicas it was served by: answers and effects in the
/// order of its requests, its own writes seen, and never a step back.
///
/// Needs no writes of others but deletes, and no execution records, which make it sharper.
package enum SessionOrder {
    /// - Throws: the first rule that is broken, by rising session, then in the order of its requests.
    package static func check(_ history: History) throws(Violation) {
        let executed = try ExecutedWrites(history)
        let removals = Removals(history, executed)
        var order = Array(history.operations.indices)
        order.sort { (history.operations[$0].session, $0) < (history.operations[$1].session, $1) }
        var seen = SessionView(pathCount: history.paths.count)
        var session: SessionID?
        for index in order {
            if history.operations[index].session != session { seen.reset() }
            session = history.operations[index].session
            try seen.look(at: index, history, executed, removals)
        }
    }
}

/// What one session has seen so far.
private struct SessionView {
    private struct Sight {
        var mzxid: Zxid = .zero
        var version: Int32 = 0
        var content: UInt64 = 0
        var isContentKnown = false
        /// The session that these fields are about, so that they need not be cleared for the next one.
        var generation = 0
    }

    private var sights: [Sight]
    private var generation = 0
    /// Of the headers of its answers, the highest, and whose it was.
    private var zxid: Zxid = .zero
    private var lastAnswered: Int?
    /// The last of its writes that was executed, answered or not.
    private var lastWrite: Int?
    private var lastWriteZxid: Zxid = .zero

    init(pathCount: Int) { sights = Array(repeating: Sight(), count: pathCount) }

    mutating func reset() {
        generation += 1
        zxid = .zero
        lastAnswered = nil
        lastWrite = nil
        lastWriteZxid = .zero
    }

    mutating func look(
        at index: Int, _ history: History, _ executed: ExecutedWrites, _ removals: Removals
    ) throws(Violation) {
        let operation = history.operations[index]
        if executed.zxids[index] != .zero {
            if let lastWrite, executed.zxids[index] <= lastWriteZxid {
                throw Violation(
                    .executedInOrder,
                    "zxid \(executed.zxids[index].rawValue) after zxid \(lastWriteZxid.rawValue): "
                        + "\(history.describe(index)); asked for before it: \(history.describe(lastWrite))")
            }
            lastWrite = index
            lastWriteZxid = executed.zxids[index]
        }
        guard operation.outcome == .answered else { return }
        if let lastAnswered {
            if operation.responded < history.operations[lastAnswered].responded {
                throw Violation(
                    .answersInOrder,
                    "\(history.describe(index)); asked for before it: \(history.describe(lastAnswered))")
            }
            if operation.zxid < zxid || (operation.isWrite && operation.zxid == zxid) {
                throw Violation(
                    .neverBack, "after zxid \(zxid.rawValue) was shown: \(history.describe(index))")
            }
        }
        lastAnswered = index
        zxid = operation.zxid
        if operation.isWrite && history.hasFailed(operation) { return }
        for place in operation.actions {
            try look(history.actions[place], history.results[place], index, history, removals)
        }
    }

    private mutating func look(
        _ action: Action, _ result: ActionResult, _ index: Int, _ history: History, _ removals: Removals
    ) throws(Violation) {
        switch action.kind {
        case .create:
            if result.error == .ok { sights[result.created.index] = sight(zxid, content: action.content) }
        case .set:
            guard result.error == .ok else { return }
            sights[action.path.index] = sight(zxid, version: result.version, content: action.content)
        case .delete:
            if result.error == .ok { sights[action.path.index] = Sight() }
        case .check, .children: return
        case .get, .exists: try lookAtRead(action, result, index, history, removals)
        }
    }

    private func sight(_ mzxid: Zxid, version: Int32 = 0, content: UInt64) -> Sight {
        Sight(mzxid: mzxid, version: version, content: content, isContentKnown: true, generation: generation)
    }

    private mutating func lookAtRead(
        _ action: Action, _ result: ActionResult, _ index: Int, _ history: History, _ removals: Removals
    ) throws(Violation) {
        let known = sights[action.path.index]
        let isKnown = known.generation == generation && known.mzxid > .zero
        guard result.error == .ok else {
            if result.error == .noNode, isKnown, !removals.mayBeGone(action.path, after: known.mzxid, through: zxid) {
                throw Violation(
                    .ownWrites,
                    "the session knew it from zxid \(known.mzxid.rawValue), and nobody deleted it: "
                        + history.describe(index))
            }
            return
        }
        if result.mzxid > zxid || result.czxid > result.mzxid {
            throw Violation(.withinHeader, history.describe(index))
        }
        if isKnown {
            if result.mzxid < known.mzxid {
                throw Violation(
                    .neverBack, "the session knew mzxid \(known.mzxid.rawValue): \(history.describe(index))")
            }
            let isOther =
                result.version != known.version
                || (action.kind == .get && known.isContentKnown && result.content != known.content)
            if result.mzxid == known.mzxid && isOther {
                throw Violation(
                    .ownWrites,
                    "the session knew version \(known.version) content \(known.content) under this mzxid: "
                        + history.describe(index))
            }
        }
        var seen = sight(result.mzxid, version: result.version, content: result.content)
        if action.kind == .exists {
            seen.isContentKnown = isKnown && known.isContentKnown && result.mzxid == known.mzxid
            seen.content = known.content
        }
        sights[action.path.index] = seen
    }
}

/// When each path was deleted, as far as that is known.
private struct Removals {
    /// By path, rising.
    private var zxids: [[Zxid]]
    /// By path: somebody asked to delete it and was not answered, so that it may be gone since any time.
    private var isUncertain: [Bool]

    init(_ history: History, _ executed: ExecutedWrites) {
        zxids = Array(repeating: [], count: history.paths.count)
        isUncertain = Array(repeating: false, count: history.paths.count)
        for element in executed.elements {
            guard case .operation(let index) = element.command else { continue }
            if history.hasFailed(history.operations[index]) { continue }
            for place in history.operations[index].actions where history.actions[place].kind == .delete {
                zxids[history.actions[place].path.index].append(element.zxid)
            }
        }
        for (index, operation) in history.operations.enumerated() where operation.outcome == .unknown {
            guard operation.isWrite, executed.zxids[index] == .zero else { continue }
            for place in operation.actions where history.actions[place].kind == .delete {
                isUncertain[history.actions[place].path.index] = true
            }
        }
        noteEphemerals(history)
    }

    /// Where a session that created ephemerals there may have taken its own with it.
    private mutating func noteEphemerals(_ history: History) {
        guard !history.ends.isEmpty else { return }
        for operation in history.operations where operation.isWrite && operation.outcome != .refused {
            for place in operation.actions where history.actions[place].isEphemeral {
                let isAnswered = operation.outcome == .answered
                let path = isAnswered ? history.results[place].created : history.actions[place].path
                if path != .none { isUncertain[path.index] = true }
            }
        }
    }

    /// Whether what was there at one zxid may be gone at another.
    func mayBeGone(_ path: PathID, after: Zxid, through: Zxid) -> Bool {
        if isUncertain[path.index] { return true }
        let list = zxids[path.index]
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle] > after { high = middle } else { low = middle + 1 }
        }
        return low < list.count && list[low] <= through
    }
}
