/// What a watch waits for.
package enum WatchKind: UInt8, CaseIterable, Sendable {
    /// Set by exists and getData: the znode is created, deleted, or its data is set. Fires once.
    case data
    /// Set by getChildren: a child is created or deleted, or the znode itself is deleted. Fires once.
    case child
    /// Both of them, again and again.
    case persistent
    /// The znode and all below it are created, deleted, or their data is set, again and again.
    case persistentRecursive
}
