import CoreTypes
import ZooKeeperWire

/// An action as the search for a linearization sees it: on one znode of its partition, with what it must answer.
struct SearchAction: Sendable {
    var kind: Action.Kind
    /// The znode's place in the partition.
    var znode: Int
    /// The version that it asks for; -1 for any.
    var version: Int32
    var content: UInt64
    /// The session that becomes the owner of what it creates.
    var owner: SessionID = .none
    /// Deletes only what this session owns: the end of a session.
    var deletesOwned: SessionID = .none
    /// What it answered.
    var error: ErrorCode = .ok
    var shownVersion: Int32 = 0
    var shownContent: UInt64 = 0
}

/// An operation as the search sees it.
struct SearchOperation: Sendable {
    var invoked: Step
    var responded: Step
    /// Its outcome is unknown: it may be left out, and its results are not judged.
    var isOptional: Bool
    /// Its place in the history; -1 for the end of a session.
    var index: Int
    /// Not to be trusted: the zxid that it is said to have, or for a read the last one that it saw; `max` if none is
    /// known.
    var hint: UInt64 = .max
    var isWrite: Bool
    var actions: Range<Int>
}

/// Operations on znodes that must be looked at together, because multis join them.
struct SearchPartition: Sendable {
    /// By path's number.
    var paths: [PathID] = []
    /// By rising invocation.
    var operations: [SearchOperation] = []
    var actions: [SearchAction] = []
}
