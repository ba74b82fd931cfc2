package import CoreTypes
package import ZooKeeperWire

/// The fixed part of a znode: everything but its name, access list and data. Trivial, 88 bytes.
///
/// Counters wrap as ZooKeeper's signed 32-bit ones do.
package struct Znode: Equatable, Sendable {
    package var id: NodeID
    /// The command that created it; `zero` for the znodes of a fresh tree.
    package var czxid: Zxid
    /// The command that last set its data.
    package var mzxid: Zxid
    /// The command that last created or deleted a child.
    package var pzxid: Zxid
    package var ctime: WallClockTime
    package var mtime: WallClockTime
    package var owner: ZnodeOwner
    /// Wrapping sum of `hash64(name)` over the children, so that a list that misses a row is noticed.
    package var childNamesDigest: UInt64
    /// How often the data was set.
    package var version: Int32
    /// How many children were ever created: ZooKeeper's *stored* cversion, and the next sequence suffix.
    package var createCount: Int32
    /// How often the access list was set.
    package var aversion: Int32
    package var childCount: UInt32
    /// Bytes of data; -1 for null, which is kept apart from empty.
    package var dataByteCount: Int32

    /// A znode as a create leaves it.
    package init(
        id: NodeID, zxid: Zxid, time: WallClockTime, owner: ZnodeOwner = .none, dataByteCount: Int32
    ) {
        self.id = id
        czxid = zxid
        mzxid = zxid
        pzxid = zxid
        ctime = time
        mtime = time
        self.owner = owner
        childNamesDigest = 0
        version = 0
        createCount = 0
        aversion = 0
        childCount = 0
        self.dataByteCount = dataByteCount
    }

    /// Names nothing; to be filled in.
    package static var empty: Znode { Znode(id: .none, zxid: .zero, time: .zero, dataByteCount: -1) }

    /// What a client sees of it. On the wire cversion counts creates and deletes of children: 2 x creates - children.
    package var stat: Stat {
        var stat = Stat()
        stat.czxid = czxid.wireValue
        stat.mzxid = mzxid.wireValue
        stat.ctime = ctime.rawValue
        stat.mtime = mtime.rawValue
        stat.version = version
        stat.cversion = createCount &* 2 &- Int32(truncatingIfNeeded: childCount)
        stat.aversion = aversion
        stat.ephemeralOwner = owner.session.wireValue
        stat.dataLength = max(dataByteCount, 0)
        stat.numChildren = Int32(truncatingIfNeeded: childCount)
        stat.pzxid = pzxid.wireValue
        return stat
    }
}
