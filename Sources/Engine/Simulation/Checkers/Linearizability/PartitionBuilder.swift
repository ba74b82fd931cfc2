import CoreTypes
import ZooKeeperWire

/// Splits a history into partitions that can be judged one by one.
///
/// A znode is a partition of its own, and multis join theirs: linearizability is local (Herlihy and Wing, 1990, theorem
/// 1). What ties a znode to its parent and children is judged only as far as the znode itself tells: a create that
/// found no parent found no znode either, and a delete that found children found the znode.
struct PartitionBuilder {
    private let history: History
    private let hints: [Zxid]
    /// By path: another path of the same partition, or itself.
    private var roots: [PathID]
    /// By path: its place in the partition.
    private var places: [Int]
    /// By path: its partition.
    private var homes: [Int]
    private(set) var partitions: [SearchPartition] = []

    init(_ history: History, hints: [Zxid]) {
        self.history = history
        self.hints = hints
        roots = (0..<history.paths.count).map { PathID(rawValue: UInt32($0)) }
        places = Array(repeating: 0, count: history.paths.count)
        homes = Array(repeating: -1, count: history.paths.count)
        for index in history.operations.indices where isJudged(history.operations[index]) { join(index) }
        for index in roots.indices { addPath(PathID(rawValue: UInt32(index))) }
        for index in history.operations.indices where isJudged(history.operations[index]) { add(index) }
        for end in history.ends { add(end) }
        for index in partitions.indices { partitions[index].operations.sort { $0.invoked < $1.invoked } }
        partitions.removeAll { $0.operations.isEmpty }
    }

    /// Writes, and reads that are linearizable; others are a matter of sessions.
    private func isJudged(_ operation: Operation) -> Bool {
        switch operation.outcome {
        case .refused: false
        case .unknown: operation.isWrite
        case .answered: operation.isWrite || operation.isSynced
        }
    }

    // MARK: Joining

    private func root(of path: PathID) -> PathID {
        var path = path
        while roots[path.index] != path { path = roots[path.index] }
        return path
    }

    private mutating func join(_ index: Int) {
        let operation = history.operations[index]
        if isSplit(operation) { return }
        var first: PathID?
        for place in operation.actions {
            guard let path = target(of: place, operation) else { continue }
            let found = root(of: path)
            if let first { roots[max(found, first).index] = min(found, first) }
            first = min(found, first ?? found)
        }
    }

    private mutating func addPath(_ path: PathID) {
        let root = root(of: path)
        if homes[root.index] < 0 {
            homes[root.index] = partitions.count
            partitions.append(SearchPartition())
        }
        let home = homes[root.index]
        homes[path.index] = home
        places[path.index] = partitions[home].paths.count
        partitions[home].paths.append(path)
    }

    // MARK: Adding

    /// The path that an action is about; nil when it says nothing about any znode that is known.
    private func target(of place: Int, _ operation: Operation) -> PathID? {
        let (action, result) = (history.actions[place], history.results[place])
        if action.kind == .children { return nil }
        guard action.isSequential else { return action.path }
        guard operation.outcome == .answered, !history.hasFailed(operation) else { return nil }
        return result.created
    }

    /// Nobody knows the names it gave: it is taken apart, so that it may have given each name that there is.
    private func isSplit(_ operation: Operation) -> Bool {
        operation.outcome == .unknown && operation.actions.contains { history.actions[$0].isSequential }
    }

    private mutating func add(_ index: Int) {
        let operation = history.operations[index]
        if isSplit(operation) {
            split(index, operation)
            return
        }
        let failing = operation.actions.first { history.results[$0].error != .ok }
        let last = operation.outcome == .answered ? failing ?? operation.actions.upperBound - 1 : Int.max
        if operation.outcome == .answered, let failing, !isJudged(history.results[failing].error) { return }
        var actions: [(path: PathID, action: SearchAction)] = []
        for place in operation.actions where place <= last {
            guard let path = target(of: place, operation) else {
                // The failing action says nothing, and nothing else says why the multi failed.
                if place == failing { return }
                continue
            }
            actions.append((path, searched(place, operation)))
        }
        append(actions, operation, index)
    }

    /// Errors that say something about the znode; others are left out of the search.
    private func isJudged(_ error: ErrorCode) -> Bool {
        [.noNode, .badVersion, .nodeExists, .notEmpty, .noChildrenForEphemerals].contains(error)
    }

    private mutating func split(_ index: Int, _ operation: Operation) {
        for place in operation.actions {
            let action = history.actions[place]
            guard action.isSequential else {
                append([(action.path, searched(place, operation))], operation, index)
                continue
            }
            let prefix = history.paths.text(of: action.path)
            for number in 0..<history.paths.count {
                let path = PathID(rawValue: UInt32(number))
                let text = history.paths.text(of: path)
                guard text.utf8.count == prefix.utf8.count + 10, text.hasPrefix(prefix) else { continue }
                append([(path, searched(place, operation))], operation, index)
            }
        }
    }

    /// A session that ends takes its ephemerals along, each of them maybe and at any time from then on.
    private mutating func add(_ end: SessionEnd) {
        var paths: [PathID] = []
        for operation in history.operations where operation.session == end.session && operation.isWrite {
            for place in operation.actions where history.actions[place].isEphemeral {
                if let path = target(of: place, operation), path != .none, !paths.contains(path) { paths.append(path) }
            }
        }
        for path in paths {
            var action = SearchAction(kind: .delete, znode: places[path.index], version: -1, content: 0)
            action.deletesOwned = end.session
            let home = homes[path.index]
            let first = partitions[home].actions.count
            partitions[home].actions.append(action)
            partitions[home].operations.append(
                SearchOperation(
                    invoked: end.invoked, responded: .never, isOptional: true, index: -1, hint: end.zxid.rawValue,
                    isWrite: true,
                    actions: first..<(first + 1)))
        }
    }

    private func searched(_ place: Int, _ operation: Operation) -> SearchAction {
        let (action, result) = (history.actions[place], history.results[place])
        return SearchAction(
            kind: action.kind, znode: 0, version: action.version, content: action.content,
            owner: action.isEphemeral ? operation.session : .none, error: result.error,
            shownVersion: result.version, shownContent: result.content)
    }

    private mutating func append(
        _ actions: [(path: PathID, action: SearchAction)], _ operation: Operation, _ index: Int
    ) {
        guard let path = actions.first?.path else { return }
        let home = homes[path.index]
        let first = partitions[home].actions.count
        for (path, action) in actions {
            var placed = action
            placed.znode = places[path.index]
            partitions[home].actions.append(placed)
        }
        let zxid = hints[index]
        partitions[home].operations.append(
            SearchOperation(
                invoked: operation.invoked, responded: operation.responded,
                isOptional: operation.outcome == .unknown, index: index,
                hint: zxid == .zero ? .max : zxid.rawValue, isWrite: operation.isWrite,
                actions: first..<partitions[home].actions.count))
    }
}
