import CoreTypes
import ZooKeeperWire

/// ZooKeeper's tree as a sequential model: executes operations one after the other and says what they must answer.
///
/// Without access lists, containers and TTLs. Written from ZooKeeper's source (`PrepRequestProcessor`, `DataTree`), not
/// from the code under test.
struct TreeReplay: Sendable {
    private(set) var paths: PathTable
    /// By path; paths that were never created are not there.
    private var znodes: [ReplayedZnode] = []
    private var creationCount: UInt64 = 0
    /// What changed, in the order of events, so far.
    private(set) var changes: [TreeChange] = []
    /// Former values of the multi under way.
    private var undo: [(path: PathID, znode: ReplayedZnode)] = []

    /// A fresh tree, with what ZooKeeper puts there.
    init(_ paths: PathTable) {
        self.paths = paths
        znodes = Array(repeating: ReplayedZnode(), count: paths.count)
        znodes[PathID.root.index].isThere = true
        for text in ["/zookeeper", "/zookeeper/quota", "/zookeeper/config"] {
            let path = self.paths.number(of: text)
            grow()
            znodes[path.index].isThere = true
            let parent = self.paths.parent(of: path)
            znodes[parent.index].childCount += 1
            znodes[parent.index].childrenDigest &+= self.paths.digest(of: path)
        }
    }

    /// The path's znode. Later changes do not reach what was returned.
    func znode(at path: PathID) -> ReplayedZnode {
        path.index < znodes.count ? znodes[path.index] : ReplayedZnode()
    }

    // MARK: Executing

    /// Executes the actions of one operation, all or none, and answers the result of each.
    mutating func execute(
        _ actions: ArraySlice<Action>, session: SessionID, zxid: Zxid
    ) -> [ActionResult] {
        undo.removeAll(keepingCapacity: true)
        let changeCount = changes.count
        var results: [ActionResult] = []
        for action in actions {
            let result = execute(action, session: session, zxid: zxid)
            results.append(result)
            if result.error != .ok { break }
        }
        guard let last = results.last, last.error != .ok else { return results }
        for (path, znode) in undo.reversed() { znodes[path.index] = znode }
        changes.removeLast(changes.count - changeCount)
        for index in results.indices.dropLast() { results[index] = ActionResult() }
        while results.count < actions.count { results.append(ActionResult(.runtimeInconsistency)) }
        return results
    }

    /// Ends a session: its ephemerals go in the order of their creation.
    mutating func end(_ session: SessionID, zxid: Zxid) {
        undo.removeAll(keepingCapacity: true)
        var owned: [(number: UInt64, path: PathID)] = []
        for index in znodes.indices where znodes[index].isThere && znodes[index].owner == session {
            owned.append((znodes[index].creationNumber, PathID(rawValue: UInt32(index))))
        }
        for (_, path) in owned.sorted(by: { $0.number < $1.number }) { remove(path, zxid: zxid) }
    }

    /// Executes one action; after an error nothing is changed.
    private mutating func execute(_ action: Action, session: SessionID, zxid: Zxid) -> ActionResult {
        switch action.kind {
        case .create: return create(action, session: session, zxid: zxid)
        case .delete:
            if let error = refusal(of: action) { return ActionResult(error) }
            if znodes[action.path.index].childCount > 0 { return ActionResult(.notEmpty) }
            remove(action.path, zxid: zxid)
            return ActionResult()
        case .set:
            if let error = refusal(of: action) { return ActionResult(error) }
            change(action.path) { znode in
                znode.content = action.content
                znode.version = ReplayedZnode.following(znode.version)
                znode.mzxid = zxid
            }
            changes.append(TreeChange(path: action.path, type: .nodeDataChanged, zxid: zxid))
            return znodes[action.path.index].shown
        case .check: return ActionResult(refusal(of: action) ?? .ok)
        case .get, .exists, .children: return znodes[action.path.index].shown
        }
    }

    /// Why an action on a znode that must be there is not executed.
    private func refusal(of action: Action) -> ErrorCode? {
        let znode = znodes[action.path.index]
        if !znode.isThere { return .noNode }
        return action.version == -1 || action.version == znode.version ? nil : .badVersion
    }

    private mutating func create(_ action: Action, session: SessionID, zxid: Zxid) -> ActionResult {
        let parent = paths.parent(of: action.path)
        guard parent != .none else { return ActionResult(.nodeExists) }
        guard znodes[parent.index].isThere else { return ActionResult(.noNode) }
        var path = action.path
        if action.isSequential {
            path = paths.number(
                of: paths.text(of: action.path) + TreeReplay.suffix(znodes[parent.index].createCount))
            grow()
        }
        if znodes[path.index].isThere { return ActionResult(.nodeExists) }
        if znodes[parent.index].owner != .none { return ActionResult(.noChildrenForEphemerals) }
        creationCount += 1
        let number = creationCount
        change(path) { znode in
            znode = ReplayedZnode()
            znode.isThere = true
            znode.content = action.content
            znode.czxid = zxid
            znode.mzxid = zxid
            znode.owner = action.isEphemeral ? session : .none
            znode.creationNumber = number
        }
        let digest = paths.digest(of: path)
        change(parent) { znode in
            znode.createCount &+= 1
            znode.childCount += 1
            znode.childrenDigest &+= digest
        }
        changes.append(TreeChange(path: path, type: .nodeCreated, zxid: zxid))
        changes.append(TreeChange(path: parent, type: .nodeChildrenChanged, zxid: zxid))
        var result = ActionResult()
        result.created = path
        return result
    }

    private mutating func remove(_ path: PathID, zxid: Zxid) {
        let parent = paths.parent(of: path)
        let digest = paths.digest(of: path)
        change(path) { $0 = ReplayedZnode() }
        changes.append(TreeChange(path: path, type: .nodeDeleted, zxid: zxid))
        guard parent != .none else { return }
        change(parent) { znode in
            znode.childCount -= 1
            znode.childrenDigest &-= digest
        }
        changes.append(TreeChange(path: parent, type: .nodeChildrenChanged, zxid: zxid))
    }

    private mutating func change(_ path: PathID, _ body: (inout ReplayedZnode) -> Void) {
        undo.append((path, znodes[path.index]))
        body(&znodes[path.index])
    }

    private mutating func grow() {
        while znodes.count < paths.count { znodes.append(ReplayedZnode()) }
    }

    /// Java's `String.format("%010d", n)`, for counters that have not overflowed.
    static func suffix(_ number: Int32) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }
}
