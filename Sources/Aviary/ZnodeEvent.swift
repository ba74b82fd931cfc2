internal import CoreTypes
internal import ZnodeTree
internal import ZooKeeperWire

/// A change that a watch waited for.
public struct ZnodeEvent: Hashable, Sendable {
    /// What changed.
    public enum Kind: Hashable, Sendable {
        /// The znode was created.
        case created
        /// The znode was deleted.
        case deleted
        /// Its data was set.
        case dataChanged
        /// A child was created or deleted.
        case childrenChanged
    }

    /// What changed.
    public var kind: Kind
    /// Of which znode.
    public var path: String
    /// By which command.
    public var zxid: Int64
}

extension ZnodeEvent {
    init(_ event: TreeEvent, path: RawSpan) {
        kind =
            switch event.type {
            case .nodeCreated: .created
            case .nodeDeleted: .deleted
            case .nodeChildrenChanged: .childrenChanged
            default: .dataChanged
            }
        self.path = String(decoding: [UInt8](copying: path), as: UTF8.self)
        zxid = event.zxid.wireValue
    }
}
