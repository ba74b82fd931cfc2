import CoreTypes
import Simulation
import ZooKeeperWire

/// Writes histories line by line: each call takes the next steps.
struct HistoryScript {
    var history = History()
    private var step: UInt64 = 0

    mutating func path(_ text: String) -> PathID { history.paths.number(of: text) }

    mutating func nextStep() -> Step {
        step += 1
        return Step(rawValue: step)
    }

    /// A client asks, and is not answered yet.
    mutating func begin(
        _ session: UInt64, _ actions: [Action], isMulti: Bool = false, isSynced: Bool = false
    ) -> Int {
        let step = nextStep()
        return history.invoke(
            actions, client: UInt32(session), session: SessionID(rawValue: session), replica: ReplicaID(rawValue: 1),
            isMulti: isMulti, isSynced: isSynced, at: step)
    }

    mutating func end(_ operation: Int, zxid: UInt64, _ results: [ActionResult]) {
        let step = nextStep()
        history.answer(operation, zxid: Zxid(rawValue: zxid), results, at: step)
    }

    // MARK: Whole operations

    mutating func create(
        _ session: UInt64, _ text: String, _ content: UInt64 = 0, zxid: UInt64, isEphemeral: Bool = false,
        isSequential: Bool = false, created: String? = nil, error: ErrorCode = .ok
    ) {
        let path = path(text)
        let made = self.path(created ?? text)
        let action = Action(
            .create, path, content: content, isEphemeral: isEphemeral, isSequential: isSequential)
        let operation = begin(session, [action])
        var result = ActionResult(error)
        if error == .ok { result.created = made }
        end(operation, zxid: zxid, [result])
    }

    mutating func set(
        _ session: UInt64, _ text: String, _ content: UInt64, if version: Int32 = -1, zxid: UInt64, shows: Int32 = 0,
        error: ErrorCode = .ok
    ) {
        let action = Action(.set, path(text), version: version, content: content)
        let operation = begin(session, [action])
        end(operation, zxid: zxid, [HistoryScript.wrote(version: shows, zxid: zxid, error)])
    }

    mutating func delete(
        _ session: UInt64, _ text: String, if version: Int32 = -1, zxid: UInt64, error: ErrorCode = .ok
    ) {
        let action = Action(.delete, path(text), version: version)
        let operation = begin(session, [action])
        end(operation, zxid: zxid, [ActionResult(error)])
    }

    mutating func get(
        _ session: UInt64, _ text: String, zxid: UInt64, shows result: ActionResult, isSynced: Bool = false,
        setsWatch: Bool = false
    ) {
        let action = Action(.get, path(text), setsWatch: setsWatch)
        let operation = begin(session, [action], isSynced: isSynced)
        end(operation, zxid: zxid, [result])
    }

    mutating func exists(
        _ session: UInt64, _ text: String, zxid: UInt64, shows result: ActionResult, isSynced: Bool = false,
        setsWatch: Bool = false
    ) {
        let action = Action(.exists, path(text), setsWatch: setsWatch)
        let operation = begin(session, [action], isSynced: isSynced)
        end(operation, zxid: zxid, [result])
    }

    mutating func children(
        _ session: UInt64, _ text: String, zxid: UInt64, names: [String], cversion: Int32 = 0, setsWatch: Bool = false
    ) {
        let action = Action(.children, path(text), setsWatch: setsWatch)
        let operation = begin(session, [action])
        var result = ActionResult()
        result.childCount = Int32(names.count)
        result.cversion = cversion
        for name in names { result.childrenDigest &+= PathTable.hash(name) }
        end(operation, zxid: zxid, [result])
    }

    /// Nobody hears of it again.
    @discardableResult
    mutating func lose(_ session: UInt64, _ actions: [Action]) -> Int {
        begin(session, actions, isMulti: actions.count > 1)
    }

    mutating func executed(_ operation: Int, zxid: UInt64) {
        history.note(
            Execution(operation: operation, zxid: Zxid(rawValue: zxid), replica: ReplicaID(rawValue: 2)))
    }

    mutating func endSession(_ session: UInt64, zxid: UInt64, isExpiry: Bool = true) {
        let step = nextStep()
        history.note(
            SessionEnd(
                session: SessionID(rawValue: session), zxid: Zxid(rawValue: zxid), isExpiry: isExpiry, invoked: step))
    }

    mutating func event(_ session: UInt64, _ type: WatchEventType, _ text: String, zxid: UInt64) {
        let (path, step) = (path(text), nextStep())
        history.note(
            WatchDelivery(
                session: SessionID(rawValue: session), path: path, type: type, zxid: Zxid(rawValue: zxid), step: step))
    }

    // MARK: Results

    static func wrote(version: Int32, zxid: UInt64, _ error: ErrorCode = .ok) -> ActionResult {
        var result = ActionResult(error)
        result.version = version
        result.mzxid = Zxid(rawValue: zxid)
        return result
    }

    static func shown(
        _ content: UInt64, version: Int32 = 0, czxid: UInt64 = 1, mzxid: UInt64 = 1, owner: UInt64 = 0
    ) -> ActionResult {
        var result = ActionResult()
        result.content = content
        result.version = version
        result.czxid = Zxid(rawValue: czxid)
        result.mzxid = Zxid(rawValue: mzxid)
        result.owner = SessionID(rawValue: owner)
        return result
    }

    static var absent: ActionResult { ActionResult(.noNode) }
}

/// The rule that a check finds broken; nil if it finds nothing.
func broken(_ check: () throws(Violation) -> Void) -> Rule? {
    do throws(Violation) {
        try check()
        return nil
    } catch {
        return error.rule
    }
}
