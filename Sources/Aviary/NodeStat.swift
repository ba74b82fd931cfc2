/// What is known of a znode besides its data: ZooKeeper's Stat, field by field.
public struct NodeStat: Hashable, Sendable {
    /// The zxid that made it.
    public var createdZxid: Int64
    /// The zxid that last set its data.
    public var modifiedZxid: Int64
    /// The zxid that last made or deleted a child.
    public var childrenZxid: Int64
    /// When it was made, in milliseconds since 1970, by the clock of the leader of that time.
    public var createdMilliseconds: Int64
    /// When its data was last set, by the same clock.
    public var modifiedMilliseconds: Int64
    /// How often its data was set.
    public var version: Int32
    /// How often children were made or deleted.
    public var childrenVersion: Int32
    /// How often its access rules were set.
    public var accessVersion: Int32
    /// The session whose end deletes it; 0 if none.
    public var ephemeralOwner: Int64
    /// Bytes of its data.
    public var dataByteCount: Int
    /// Children it has.
    public var childCount: Int
}
