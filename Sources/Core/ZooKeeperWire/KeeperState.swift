/// The state of the connection as a watch event carries it; a server only ever sends `syncConnected`.
///
/// Source: `Watcher.Event.KeeperState`.
package enum KeeperState: Int32, Sendable {
    case unknown = -1
    case disconnected = 0
    case noSyncConnected = 1
    case syncConnected = 3
    case authFailed = 4
    case connectedReadOnly = 5
    case saslAuthenticated = 6
    case closed = 7
    case expired = -112
}
