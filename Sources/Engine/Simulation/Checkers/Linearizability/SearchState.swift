import CoreTypes
import ZooKeeperWire

/// The znodes of a partition at one point of a search, with what is needed to go back.
struct SearchState: Sendable {
    private(set) var znodes: [SearchZnode]
    /// Sum of the fingerprints of the znodes.
    private(set) var fingerprint: UInt128 = 0
    private var undo: [(place: Int, znode: SearchZnode)] = []

    /// Nothing is there.
    init(znodeCount: Int) { znodes = Array(repeating: SearchZnode(), count: znodeCount) }

    /// Former values kept: an operation that adds none has changed nothing.
    var undoCount: Int { undo.count }

    mutating func undo(to count: Int, fingerprint: UInt128) {
        while undo.count > count, let last = undo.popLast() { znodes[last.place] = last.znode }
        self.fingerprint = fingerprint
    }

    // MARK: Executing

    /// Executes the actions of an answered operation; false, and no change, if their results are not those answered.
    ///
    /// The last action is the one that failed, if any did; then nothing is changed.
    mutating func executes(_ actions: ArraySlice<SearchAction>) -> Bool {
        let (count, before) = (undo.count, fingerprint)
        // A multi that failed shows nothing of what came before the failure.
        let showsNothing = actions.last.map { $0.error != .ok } ?? true
        for action in actions {
            if action.error != .ok {
                let isExplained = explains(action)
                undo(to: count, fingerprint: before)
                return isExplained
            }
            guard isAllowed(action), showsNothing || isShown(action) else {
                undo(to: count, fingerprint: before)
                return false
            }
            change(action)
        }
        return true
    }

    /// Executes the actions of an operation whose results nobody knows; false, and no change, if one of them fails.
    mutating func mayExecute(_ actions: ArraySlice<SearchAction>) -> Bool {
        let (count, before) = (undo.count, fingerprint)
        for action in actions {
            guard isAllowed(action) else {
                undo(to: count, fingerprint: before)
                return false
            }
            change(action)
        }
        return true
    }

    /// Whether the znode lets the action succeed.
    private func isAllowed(_ action: SearchAction) -> Bool {
        let znode = znodes[action.znode]
        if action.kind == .create { return !znode.isThere }
        if action.deletesOwned != .none && znode.owner != action.deletesOwned { return false }
        return znode.isThere && (action.version == -1 || action.version == znode.version)
    }

    /// Whether an action that succeeded shows what is there.
    private func isShown(_ action: SearchAction) -> Bool {
        let znode = znodes[action.znode]
        switch action.kind {
        case .create, .delete, .check, .children: return true
        case .set: return action.shownVersion == ReplayedZnode.following(znode.version)
        case .exists: return action.shownVersion == znode.version
        case .get: return action.shownVersion == znode.version && action.shownContent == znode.content
        }
    }

    /// Whether the znode makes the action fail in this way.
    private func explains(_ action: SearchAction) -> Bool {
        let znode = znodes[action.znode]
        switch action.error {
        case .noNode, .noChildrenForEphemerals: return !znode.isThere
        case .nodeExists: return znode.isThere
        case .badVersion: return znode.isThere && action.version != -1 && action.version != znode.version
        case .notEmpty: return isAllowed(action)
        default: return true
        }
    }

    private mutating func change(_ action: SearchAction) {
        var znode = znodes[action.znode]
        switch action.kind {
        case .create: znode = SearchZnode(isThere: true, version: 0, content: action.content, owner: action.owner)
        case .set:
            znode.version = ReplayedZnode.following(znode.version)
            znode.content = action.content
        case .delete: znode = SearchZnode()
        case .check, .get, .exists, .children: return
        }
        undo.append((action.znode, znodes[action.znode]))
        fingerprint &-= znodes[action.znode].fingerprint(at: action.znode)
        fingerprint &+= znode.fingerprint(at: action.znode)
        znodes[action.znode] = znode
    }
}
