import ZooKeeperWire

/// How a request is served: through the log, at once from this replica's tree, or not at all.
enum RequestKind: Equatable {
    /// Becomes a command: logged, applied, answered with its result.
    case write
    /// A write after whose reply the connection ends.
    case closeSession
    /// Answered once everything accepted before it is applied here.
    case barrier
    /// Answered from what this replica holds.
    case local
    /// Proves an identity; takes effect for the requests after it.
    case auth
    /// Not for clients, or not known: answered with an error, then the connection ends.
    case unknown
    /// Known, and not served here: answered with an error, and the connection stays.
    case unsupported

    init(_ operation: OpCode) {
        switch operation {
        case .setData, .create, .delete, .create2, .multi, .setACL, .createTTL, .createContainer:
            self = .write
        case .getData, .exists, .getChildren, .getChildren2, .ping, .getACL, .multiRead, .setWatches, .setWatches2,
            .addWatch, .checkWatches, .removeWatches, .getEphemerals, .getAllChildrenNumber, .whoAmI:
            self = .local
        case .sync: self = .barrier
        case .closeSession: self = .closeSession
        case .auth: self = .auth
        case .reconfig: self = .unsupported
        default: self = .unknown
        }
    }
}
