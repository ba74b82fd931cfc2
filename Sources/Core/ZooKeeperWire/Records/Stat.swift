package import CoreTypes
package import Jute

/// What a client sees of a znode beside its data: 68 bytes, always the last field of a reply.
package struct Stat: Equatable, Sendable {
    /// Zxid of the command that created the znode.
    package var czxid: Int64 = 0
    /// Zxid of the command that last changed the data.
    package var mzxid: Int64 = 0
    /// Stamp of the command that created the znode, milliseconds since 1970.
    package var ctime: Int64 = 0
    /// Stamp of the command that last changed the data.
    package var mtime: Int64 = 0
    /// Changes of the data.
    package var version: Int32 = 0
    /// Creates and deletes of children.
    package var cversion: Int32 = 0
    /// Changes of the access list.
    package var aversion: Int32 = 0
    /// The session that owns an ephemeral znode; 0 for every other kind, containers and TTL znodes too.
    package var ephemeralOwner: Int64 = 0
    /// Bytes of data.
    package var dataLength: Int32 = 0
    /// Children.
    package var numChildren: Int32 = 0
    /// Zxid of the command that last created or deleted a child.
    package var pzxid: Int64 = 0

    package static let byteCount = 68

    @inlinable
    package init() {}

    package init(from reader: inout JuteReader) throws(JuteError) {
        czxid = try reader.int64()
        mzxid = try reader.int64()
        ctime = try reader.int64()
        mtime = try reader.int64()
        version = try reader.int32()
        cversion = try reader.int32()
        aversion = try reader.int32()
        ephemeralOwner = try reader.int64()
        dataLength = try reader.int32()
        numChildren = try reader.int32()
        pzxid = try reader.int64()
    }

    package func encode(into builder: ByteBuilder) {
        builder.reserve(Stat.byteCount)
        builder.append(bigEndian: czxid)
        builder.append(bigEndian: mzxid)
        builder.append(bigEndian: ctime)
        builder.append(bigEndian: mtime)
        builder.append(bigEndian: version)
        builder.append(bigEndian: cversion)
        builder.append(bigEndian: aversion)
        builder.append(bigEndian: ephemeralOwner)
        builder.append(bigEndian: dataLength)
        builder.append(bigEndian: numChildren)
        builder.append(bigEndian: pzxid)
    }
}
