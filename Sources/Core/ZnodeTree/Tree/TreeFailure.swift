package import ZooKeeperWire

/// Why a command or a read has no result.
package enum TreeFailure: Error, Equatable, Sendable {
    /// The answer is an error of ZooKeeper's: part of the semantics, equal on every replica.
    case refused(ErrorCode)
    /// The store could not be read: no answer at all, and apply stops.
    case fault(StorageFault)
}
