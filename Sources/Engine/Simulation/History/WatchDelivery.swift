package import CoreTypes
package import ZooKeeperWire

/// An event as it reached a client.
package struct WatchDelivery: Hashable, Sendable {
    package var session: SessionID
    package var path: PathID
    package var type: WatchEventType
    /// Of the command that caused it. `zero` when it does not say: it was made when the client set its watches again.
    package var zxid: Zxid
    package var step: Step

    package init(session: SessionID, path: PathID, type: WatchEventType, zxid: Zxid, step: Step) {
        self.session = session
        self.path = path
        self.type = type
        self.zxid = zxid
        self.step = step
    }
}
