import CoreTypes
import ZooKeeperWire

/// What a simulated client says to the replica that it is connected with, in order and without loss, until the
/// connection breaks.
enum ClientMessage {
    /// The first one. `session` is `none` for a new session.
    case connect(session: SessionID, password: SessionPassword, timeoutMilliseconds: UInt32)
    /// An operation of the history, by its place.
    case operation(Int)
    /// Watches that it had on another connection.
    case watches([KeptWatch], relativeTo: Zxid)
    case ping
    case close
    /// The connection breaks.
    case end
}

/// What a replica says to its client.
enum ReplicaMessage {
    case connected(SessionID)
    /// The session is over.
    case refused
    case answer(Int, Zxid, [ActionResult])
    /// It was not executed, and will not be.
    case refusal(Int)
    case event(PathID, WatchEventType, Zxid)
    /// The session is closed, as was asked.
    case closed
    /// The connection breaks.
    case end
}

/// A watch as its client knows it.
struct KeptWatch: Equatable {
    enum Kind: Equatable {
        case data
        /// The znode was not there.
        case exist
        case child
    }

    var path: PathID
    var kind: Kind

    /// Whether an event of this type uses it up.
    func isFired(by type: WatchEventType) -> Bool {
        switch type {
        case .nodeCreated, .nodeDataChanged: kind != .child
        case .nodeDeleted: true
        case .nodeChildrenChanged: kind == .child
        case .none, .dataWatchRemoved, .childWatchRemoved, .persistentWatchRemoved: false
        }
    }
}
