package import ZooKeeperWire

/// What becomes of a one-shot watch that a client sets again after it was away (`setWatches`): an event that it missed,
/// or the watch anew. Source: `DataTree.setWatches`.
package enum WatchRearming: Equatable, Sendable {
    /// The watch is set again.
    case arm
    /// What it waited for has happened.
    case fire(WatchEventType)

    /// A watch set by getData: the znode was there.
    ///
    /// - Parameter mzxid: of the znode as it is now; nil if it is gone.
    package static func data(mzxid: Int64?, relativeZxid: Int64) -> WatchRearming {
        guard let mzxid else { return .fire(.nodeDeleted) }
        return mzxid > relativeZxid ? .fire(.nodeDataChanged) : .arm
    }

    /// A watch set by exists: the znode was not there.
    package static func exist(isThere: Bool) -> WatchRearming {
        isThere ? .fire(.nodeCreated) : .arm
    }

    /// A watch set by getChildren.
    ///
    /// - Parameter pzxid: of the znode as it is now; nil if it is gone.
    package static func child(pzxid: Int64?, relativeZxid: Int64) -> WatchRearming {
        guard let pzxid else { return .fire(.nodeDeleted) }
        return pzxid > relativeZxid ? .fire(.nodeChildrenChanged) : .arm
    }
}
