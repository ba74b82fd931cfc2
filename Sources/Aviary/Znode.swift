/// A znode as a read found it.
public struct Znode: Hashable, Sendable {
    /// Its data; nil where null was set, which ZooKeeper keeps apart from empty.
    public var data: [UInt8]?
    /// What else is known of it.
    public var stat: NodeStat
}
