import CoreTypes

extension ZnodeRow {
    /// What a row says of data that is not in it.
    package struct LargeData: Equatable, Sendable {
        package var byteCount: Int
        /// `hash64` of the data.
        package var hash: UInt64
    }

    /// Verifies and decodes a row. Large data is left out: the store reads it and compares `dataHash`.
    ///
    /// - Parameter verifying: false if the caller compared the checksum already.
    /// - Throws: `RowError`; never traps, whatever the bytes. The buffer is then in no particular state.
    package static func decode(
        key: RawSpan, value: RawSpan, into buffer: ZnodeBuffer, verifying: Bool = true
    ) throws(RowError) {
        buffer.removeAll()
        if verifying, !verify(key: key, value: value) { throw RowError(.checksum) }
        var reader = RowReader(value)
        let checksum = try reader.fixed()
        let flags = try decodeFields(from: &reader, into: &buffer.node)
        if flags.contains(.longName) {
            let count = try reader.count("name", max: Limits.pathByteCountMax)
            buffer.setLongName(try reader.bytes(count))
        }
        if flags.contains(.accessList) {
            let count = try reader.count("access list", max: Int(Int32.max))
            if count == 0 { throw RowError(.field(.init("access list"))) }
            buffer.setAccessList(try reader.bytes(count))
        }
        if flags.contains(.nullData) {
            buffer.node.dataByteCount = -1
        } else if flags.contains(.largeData) {
            let count = try reader.count("data", max: Int(Int32.max))
            guard isLarge(dataByteCount: count) else { throw RowError(.field(.init("data"))) }
            buffer.node.dataByteCount = Int32(count)
            buffer.dataHash = try reader.fixed()
            buffer.isDataLeftOut = true
        } else {
            guard !isLarge(dataByteCount: reader.remaining) else { throw RowError(.field(.init("data"))) }
            buffer.node.dataByteCount = Int32(reader.remaining)
            buffer.setData(try reader.bytes(reader.remaining))
        }
        guard reader.remaining == 0 else { throw RowError(.byteCount) }
        buffer.rowChecksum = checksum
    }

    /// The id of the znode whose row this is, and what the row says of large data: what a store needs to know of the
    /// row that it is about to replace. Does not verify the checksum.
    package static func peek(value: RawSpan) throws(RowError) -> (id: NodeID, largeData: LargeData?) {
        var reader = RowReader(value)
        _ = try reader.fixed()
        var node = Znode.empty
        let flags = try decodeFields(from: &reader, into: &node)
        guard flags.contains(.largeData) else { return (node.id, nil) }
        if flags.contains(.longName) { _ = try reader.bytes(reader.count("name", max: Limits.pathByteCountMax)) }
        if flags.contains(.accessList) { _ = try reader.bytes(reader.count("access list", max: Int(Int32.max))) }
        let count = try reader.count("data", max: Int(Int32.max))
        return (node.id, LargeData(byteCount: count, hash: try reader.fixed()))
    }

    /// Reads the fixed part.
    @_lifetime(reader: copy reader)
    private static func decodeFields(
        from reader: inout RowReader, into node: inout Znode
    ) throws(RowError) -> Flags {
        let layout = try reader.byte()
        guard layout == ZnodeRow.layout else { throw RowError(.layout(layout)) }
        let flags = Flags(rawValue: try reader.byte())
        if flags.contains(.nullData), flags.contains(.largeData) { throw RowError(.field(.init("flags"))) }
        node.id = NodeID(rawValue: try reader.varint())
        node.czxid = Zxid(rawValue: try reader.varint())
        node.ctime = WallClockTime(rawValue: try reader.zigzag())
        node.mzxid = node.czxid
        node.mtime = node.ctime
        node.pzxid = node.czxid
        if flags.contains(.modified) {
            node.mzxid = Zxid(rawValue: try reader.varint())
            node.mtime = WallClockTime(rawValue: try reader.zigzag())
        }
        if flags.contains(.versions) {
            node.version = try reader.zigzag32("version")
            node.aversion = try reader.zigzag32("aversion")
        }
        if flags.contains(.parent) {
            node.pzxid = Zxid(rawValue: try reader.varint())
            node.createCount = try reader.zigzag32("createCount")
            node.childCount = UInt32(try reader.count("childCount", max: Int(UInt32.max)))
            node.childNamesDigest = try reader.fixed()
        }
        if flags.contains(.owner) { node.owner = ZnodeOwner(rawValue: try reader.fixed()) }
        return flags
    }
}
