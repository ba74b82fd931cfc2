package import CoreTypes

/// The body of a `reap` command: u64 id of the znode that was seen, then its path.
package enum ReapBody {
    package static func append(node: NodeID, path: RawSpan, to bytes: ByteBuilder) {
        bytes.append(littleEndian: node.rawValue)
        bytes.append(path)
    }
}
