import CoreTypes

/// The keys of system rows: what the state holds beside the znodes.
///
/// One byte says which kind; numbers follow big-endian, so that rows sort by them. Kinds from "a" to "z" belong to the
/// tree; the engine's and the store's own begin with an upper-case letter.
package enum SystemKey {
    /// The one row that says what a checkpoint stands for.
    package static let meta: [UInt8] = [UInt8(ascii: "m")]

    /// The one row that says who the replicas are, once that was changed.
    package static let membership: [UInt8] = [UInt8(ascii: "c")]

    /// Before the session id: a session.
    package static let sessionPrefix: [UInt8] = [UInt8(ascii: "s")]

    /// Before the session id and the node id: the path of an ephemeral.
    package static let ephemeralPrefix: [UInt8] = [UInt8(ascii: "e")]

    /// Before the node id: the path of a container or of a znode with a time to live.
    package static let reapablePrefix: [UInt8] = [UInt8(ascii: "r")]

    /// Whether the row of a key is a summand of `TreeDigest.sessions`.
    package static func isInDigest(_ key: RawSpan) -> Bool {
        guard key.byteCount > 0 else { return false }
        let kind = unsafe key.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        return kind == sessionPrefix[0] && key.byteCount > 1 || kind == membership[0] && key.byteCount == 1
    }

    static func append(session: SessionID, to builder: ByteBuilder) {
        builder.append(bigEndian: sessionPrefix[0])
        builder.append(bigEndian: session.rawValue)
    }

    static func append(ephemeral node: NodeID, of session: SessionID, to builder: ByteBuilder) {
        builder.append(bigEndian: ephemeralPrefix[0])
        builder.append(bigEndian: session.rawValue)
        builder.append(bigEndian: node.rawValue)
    }

    static func append(reapable node: NodeID, to builder: ByteBuilder) {
        builder.append(bigEndian: reapablePrefix[0])
        builder.append(bigEndian: node.rawValue)
    }

    /// The number that stands at an offset of a key; nil if the key has another length than `byteCount`.
    static func number(in key: RawSpan, at offset: Int, byteCount: Int) -> UInt64? {
        guard key.byteCount == byteCount, offset + 8 <= byteCount else { return nil }
        return UInt64(bigEndian: unsafe key.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
