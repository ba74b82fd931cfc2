import CoreTypes
import ZooKeeperWire

/// Holds ephemerals to the lives of their sessions: there from their creation until somebody deletes them or, in zxid
/// order, their session ends, and never after.
///
/// Judges by what the history says of creates, deletes and ends alone, in one pass by zxid: it needs no replay. Where a
/// delete's outcome is unknown and no replica says that it was executed, an absence of the znode is not judged.
package enum Ephemerals {
    /// - Throws: the first rule that is broken, by rising zxid.
    package static func check(_ history: History) throws(Violation) {
        let executed = try ExecutedWrites(history)
        var walk = EphemeralWalk(history, executed)
        var reads = history.operations.indices.filter {
            !history.operations[$0].isWrite && history.operations[$0].outcome == .answered
        }
        reads.sort { (history.operations[$0].zxid, $0) < (history.operations[$1].zxid, $1) }
        var nextRead = 0
        for element in executed.elements {
            while nextRead < reads.count, history.operations[reads[nextRead]].zxid < element.zxid {
                try walk.read(reads[nextRead], history)
                nextRead += 1
            }
            switch element.command {
            case .end(let index): walk.end(history.ends[index])
            case .operation(let index): try walk.write(index, history)
            }
        }
        for read in reads[nextRead...] { try walk.read(read, history) }
    }
}

private struct EphemeralWalk {
    private enum State: Equatable {
        /// Not there, or no ephemeral.
        case other
        case ephemeral(SessionID)
        /// Deleted with its session.
        case ended(SessionID)
        /// Something happened that the history does not tell.
        case unknown
    }

    private var states: [State]
    /// Paths with deletes of which nobody knows whether they were executed.
    private var isUncertain: [Bool]
    /// By session: those that ended, and when.
    private var ends = HashTable<SessionID, Zxid>()
    /// Paths on which a session's ephemerals may be.
    private var owned = HashTable<SessionID, [PathID]>()

    init(_ history: History, _ executed: ExecutedWrites) {
        states = Array(repeating: .other, count: history.paths.count)
        isUncertain = Array(repeating: false, count: history.paths.count)
        for (index, operation) in history.operations.enumerated() where operation.outcome == .unknown {
            guard operation.isWrite, executed.zxids[index] == .zero else { continue }
            for place in operation.actions where history.actions[place].kind == .delete {
                isUncertain[history.actions[place].path.index] = true
            }
        }
    }

    mutating func end(_ end: SessionEnd) {
        let session = end.session
        let hash = mixedBits(session.rawValue)
        guard ends.value(hash: hash, matches: { $0 == session }) == nil else { return }
        ends.insert(hash: hash, key: session, value: end.zxid)
        for path in owned.remove(hash: hash, matches: { $0 == session }) ?? []
        where states[path.index] == .ephemeral(session) {
            states[path.index] = .ended(session)
        }
    }

    private func endZxid(of session: SessionID) -> Zxid? {
        ends.value(hash: mixedBits(session.rawValue), matches: { $0 == session })
    }

    // MARK: Writes

    mutating func write(_ index: Int, _ history: History) throws(Violation) {
        let operation = history.operations[index]
        if let zxid = endZxid(of: operation.session) {
            throw Violation(
                .ownerLives,
                "the session ended at zxid \(zxid.rawValue) and goes on to write: \(history.describe(index))")
        }
        let isAnswered = operation.outcome == .answered
        if history.hasFailed(operation) { return }
        for place in operation.actions {
            let action = history.actions[place]
            switch action.kind {
            case .create:
                let path = isAnswered ? history.results[place].created : action.path
                create(action, at: path, operation.session, isCertain: isAnswered)
            case .delete: try delete(action.path, index, history, isCertain: isAnswered)
            case .set where isAnswered: try expectLife(action.path, index, history)
            case .set, .check, .get, .exists, .children: break
            }
        }
    }

    private mutating func create(_ action: Action, at path: PathID, _ session: SessionID, isCertain: Bool) {
        guard path != .none else { return }
        // An unanswered create may have failed, and an unanswered sequential one has a name that nobody told.
        states[path.index] = !isCertain ? .unknown : action.isEphemeral ? .ephemeral(session) : .other
        guard action.isEphemeral, isCertain else { return }
        let hash = mixedBits(session.rawValue)
        if !owned.update(hash: hash, matches: { $0 == session }, { $0.append(path) }) {
            owned.insert(hash: hash, key: session, value: [path])
        }
    }

    private mutating func delete(_ path: PathID, _ index: Int, _ history: History, isCertain: Bool) throws(Violation) {
        guard isCertain else {
            states[path.index] = .unknown
            return
        }
        try expectLife(path, index, history)
        states[path.index] = .other
    }

    /// What found a znode must not have found one that went with its session.
    private func expectLife(_ path: PathID, _ index: Int, _ history: History) throws(Violation) {
        guard case .ended(let session) = states[path.index], let zxid = endZxid(of: session) else { return }
        throw Violation(
            .ownerLives,
            "session \(session.rawValue) ended at zxid \(zxid.rawValue), its ephemeral did not: "
                + history.describe(index))
    }

    // MARK: Reads

    func read(_ index: Int, _ history: History) throws(Violation) {
        for place in history.operations[index].actions {
            let (action, result) = (history.actions[place], history.results[place])
            guard action.kind == .get || action.kind == .exists else { continue }
            if result.error == .noNode { try absent(action.path, index, history) }
            if result.error == .ok { try present(action.path, result.owner, index, history) }
        }
    }

    private func absent(_ path: PathID, _ index: Int, _ history: History) throws(Violation) {
        guard case .ephemeral(let session) = states[path.index], !isUncertain[path.index] else { return }
        throw Violation(
            .ephemeralStays,
            "session \(session.rawValue) lives and nobody deleted its ephemeral: \(history.describe(index))")
    }

    private func present(_ path: PathID, _ owner: SessionID, _ index: Int, _ history: History) throws(Violation) {
        if owner != .none, let zxid = endZxid(of: owner) {
            throw Violation(
                .ownerLives,
                "its owner, session \(owner.rawValue), ended at zxid \(zxid.rawValue): \(history.describe(index))")
        }
        try expectLife(path, index, history)
        if case .ephemeral(let session) = states[path.index], session != owner, !isUncertain[path.index] {
            throw Violation(
                .ownerTrue, "session \(session.rawValue) created it: \(history.describe(index))")
        }
    }
}
