internal import CoreTypes
internal import ZnodeTree

/// Where the pieces of large data lie: node id and number of the piece, both big-endian, so that they are one range.
enum ChunkKey {
    /// Bytes of the node id, which all pieces of one znode have in common.
    static let prefixByteCount = 8
    static let byteCount = prefixByteCount + 2

    /// Bytes of one piece: two fill a page of 4096 to the last byte.
    ///
    /// A page has 4080 bytes for nodes; each costs 8 bytes of header, 2 of pointer and 10 of key. Anything longer than
    /// this goes to overflow pages, of which LMDB needs contiguous runs. Measured bytes of file for each byte of data of
    /// 100 KiB: pieces of 1000: 1.025, of 1340: 1.019, of 2020: 1.013, whole (overflow pages): 1.000.
    static let dataByteCount = 2_020

    /// Pieces that data of so many bytes has.
    static func count(dataByteCount count: Int) -> Int { (count + dataByteCount - 1) / dataByteCount }

    static func replace(_ builder: ByteBuilder, node: NodeID, index: Int) {
        builder.removeAll()
        builder.append(bigEndian: node.rawValue)
        builder.append(bigEndian: UInt16(truncatingIfNeeded: index))
    }

    /// The node id and number of a key; nil unless it is one.
    static func parse(_ key: RawSpan) -> (node: NodeID, index: Int)? {
        guard key.byteCount == byteCount else { return nil }
        let node = UInt64(bigEndian: unsafe key.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let index = UInt16(bigEndian: unsafe key.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt16.self))
        return (NodeID(rawValue: node), Int(index))
    }
}
