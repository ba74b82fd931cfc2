package import CoreTypes
import ZooKeeperWire

/// Holds the events of one-shot watches to what ZooKeeper promises: each tells of the first change after its watch was
/// set, comes before any reply that shows the change, uses its watch up, and is not lost while the session lives.
///
/// A watch is set by the answer of a read, at the zxid of its header; a replay says what changed after it. The client
/// sets its watches again, before anything else, when it comes to another replica: the events that this makes say no
/// zxid, and may tell only of the last of several changes. A watch for a znode that was not there misses what was
/// created and deleted meanwhile, as in ZooKeeper: a client that moves gives such watches up, which a delivery of
/// `dataWatchRemoved` tells.
package enum WatchOrder {
    /// - Parameter settled: every session that lives at the end of the history had time to hear of all up to here.
    /// - Throws: the first rule that is broken, by rising step, then by rising session.
    package static func check(_ history: History, settledThrough settled: Zxid = .zero) throws(Violation) {
        let executed = try ExecutedWrites(history)
        let changes = ChangeTable(history, executed)
        var watchers = Watchers(history, changes)
        var answers = history.operations.indices.filter { history.operations[$0].outcome == .answered }
        answers.sort { history.operations[$0].responded < history.operations[$1].responded }
        var next = 0
        for delivery in history.deliveries {
            while next < answers.count, history.operations[answers[next]].responded < delivery.step {
                try watchers.answered(answers[next])
                next += 1
            }
            try watchers.delivered(delivery)
        }
        for answer in answers[next...] { try watchers.answered(answer) }
        try watchers.settle(through: settled)
    }
}

/// The watches of all sessions.
private struct Watchers {
    private enum Kind: Equatable {
        case data, child
    }

    private struct Watch {
        var path: PathID
        var kind: Kind
        /// The header of the read that set it.
        var setAt: Zxid
        /// The change that it waits for; nil if there is none to come.
        var due: TreeChange?
    }

    private struct Watcher {
        var session: SessionID
        var watches: [Watch] = []
        /// Not later than the first change that is due.
        var firstDue: Zxid = Watchers.never
    }

    private static let never = Zxid(rawValue: .max)

    private let history: History
    private let changes: ChangeTable
    /// In the order in which the sessions set their first watches.
    private var watchers: [Watcher] = []
    private var places = HashTable<SessionID, Int>()

    init(_ history: History, _ changes: ChangeTable) {
        self.history = history
        self.changes = changes
    }

    private func place(of session: SessionID) -> Int? {
        places.value(hash: mixedBits(session.rawValue), matches: { $0 == session })
    }

    // MARK: What happens

    /// A reply leaves; it must not show what an event is due for. It may set watches.
    mutating func answered(_ index: Int) throws(Violation) {
        let operation = history.operations[index]
        if let place = place(of: operation.session), watchers[place].firstDue <= operation.zxid {
            if let watch = watchers[place].watches.first(where: { isDue($0, at: operation.zxid) }) {
                throw Violation(
                    .eventFirst, "\(describe(watch)) has not heard of it before \(history.describe(index))")
            }
        }
        for place in operation.actions where history.actions[place].setsWatch {
            set(history.actions[place], history.results[place], operation)
        }
    }

    /// An event arrives; it must be one that a watch waits for.
    mutating func delivered(_ delivery: WatchDelivery) throws(Violation) {
        if delivery.type == .dataWatchRemoved { return giveUp(delivery) }
        let text = describe(delivery)
        guard let place = place(of: delivery.session) else {
            throw Violation(.eventWanted, "the session has no watch at all: \(text)")
        }
        let kinds = Watchers.kinds(firedBy: delivery.type)
        let fired = watchers[place].watches.filter { $0.path == delivery.path && kinds.contains($0.kind) }
        if fired.isEmpty { throw Violation(.eventWanted, "the session has no such watch: \(text)") }
        watchers[place].watches.removeAll { $0.path == delivery.path && kinds.contains($0.kind) }
        watchers[place].firstDue = watchers[place].watches.compactMap { $0.due?.zxid }.min() ?? Watchers.never
        for watch in fired {
            guard let due = watch.due else {
                throw Violation(.eventTrue, "nothing changed after \(describe(watch)): \(text)")
            }
            let isFirst = due.zxid == delivery.zxid && due.type == delivery.type
            if delivery.zxid != .zero && !isFirst {
                throw Violation(
                    .eventTrue,
                    "the first change after \(describe(watch)) is \(due.type) at zxid \(due.zxid.rawValue): \(text)")
            }
        }
    }

    /// The client does not wait for it any more.
    private mutating func giveUp(_ delivery: WatchDelivery) {
        guard let place = place(of: delivery.session) else { return }
        watchers[place].watches.removeAll { $0.path == delivery.path && $0.kind == .data }
        watchers[place].firstDue = watchers[place].watches.compactMap { $0.due?.zxid }.min() ?? Watchers.never
    }

    /// The history ends: whoever lives has heard of everything up to here.
    func settle(through settled: Zxid) throws(Violation) {
        for watcher in watchers where watcher.firstDue <= settled {
            if history.ends.contains(where: { $0.session == watcher.session }) { continue }
            if let watch = watcher.watches.first(where: { isDue($0, at: settled) }) {
                throw Violation(
                    .eventArrives,
                    "session \(watcher.session.rawValue) never heard of it: \(describe(watch))")
            }
        }
    }

    // MARK: Watches

    private func isDue(_ watch: Watch, at zxid: Zxid) -> Bool { watch.due.map { $0.zxid <= zxid } ?? false }

    private mutating func set(_ action: Action, _ result: ActionResult, _ operation: Operation) {
        let isSet = result.error == .ok || (action.kind == .exists && result.error == .noNode)
        guard isSet else { return }
        let kind = action.kind == .children ? Kind.child : .data
        let due = changes.first(at: action.path, after: operation.zxid) {
            Watchers.kinds(firedBy: $0).contains(kind)
        }
        let place = place(of: operation.session) ?? add(operation.session)
        // Setting a watch again changes nothing: it was not due before this reply.
        if watchers[place].watches.contains(where: { $0.path == action.path && $0.kind == kind }) { return }
        watchers[place].watches.append(Watch(path: action.path, kind: kind, setAt: operation.zxid, due: due))
        if let due { watchers[place].firstDue = min(watchers[place].firstDue, due.zxid) }
    }

    private mutating func add(_ session: SessionID) -> Int {
        watchers.append(Watcher(session: session))
        places.insert(hash: mixedBits(session.rawValue), key: session, value: watchers.count - 1)
        return watchers.count - 1
    }

    private static func kinds(firedBy type: WatchEventType) -> [Kind] {
        switch type {
        case .nodeCreated, .nodeDataChanged: [.data]
        case .nodeDeleted: [.data, .child]
        case .nodeChildrenChanged: [.child]
        case .none, .dataWatchRemoved, .childWatchRemoved, .persistentWatchRemoved: []
        }
    }

    // MARK: Words

    private func describe(_ watch: Watch) -> String {
        var text = "the \(watch.kind) watch of \(history.paths.text(of: watch.path))"
        text += " set at zxid \(watch.setAt.rawValue)"
        if let due = watch.due { text += ", which waits for \(due.type) at zxid \(due.zxid.rawValue)," }
        return text
    }

    private func describe(_ delivery: WatchDelivery) -> String {
        "step \(delivery.step.rawValue), session \(delivery.session.rawValue): \(delivery.type) of "
            + "\(history.paths.text(of: delivery.path)) at zxid \(delivery.zxid.rawValue)"
    }
}

/// What changed at each path, by rising zxid.
private struct ChangeTable {
    private var changes: [[TreeChange]]

    init(_ history: History, _ executed: ExecutedWrites) {
        var replay = TreeReplay(history.paths)
        for element in executed.elements {
            switch element.command {
            case .end(let index): replay.end(history.ends[index].session, zxid: element.zxid)
            case .operation(let index):
                let operation = history.operations[index]
                _ = replay.execute(
                    history.actions[operation.actions], session: operation.session, zxid: element.zxid)
            }
        }
        changes = Array(repeating: [], count: replay.paths.count)
        for change in replay.changes { changes[change.path.index].append(change) }
    }

    /// The first change at a path after a zxid whose type is wanted.
    func first(at path: PathID, after zxid: Zxid, where isWanted: (WatchEventType) -> Bool) -> TreeChange? {
        let list = changes[path.index]
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle].zxid > zxid { high = middle } else { low = middle + 1 }
        }
        return list[low...].first { isWanted($0.type) }
    }
}
