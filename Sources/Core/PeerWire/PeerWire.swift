package import CoreTypes

/// Messages between replicas as bytes.
///
/// One message is one frame body: its kind, its fields, little-endian and without gaps, and then the payload, which
/// runs to the end of the body. Nothing in a body says how long it is; that, and a checksum, is up to whoever carries
/// it. Every message has exactly one encoding, and `decode` takes no other.
///
/// The layout of every message stands in the article of this module.
package enum PeerWire {
    /// Of all the layouts together. Replicas that connect compare it and talk only if it is the same.
    package static let version: UInt16 = 2

    /// Appends one frame body.
    ///
    /// - Parameters:
    ///   - message: limits are those of its maker; a message beyond them is refused by whoever decodes it.
    ///   - payload: as long as `message` says; see `PeerMessage`.
    package static func append(_ message: PeerMessage, payload: RawSpan, to builder: ByteBuilder) {
        builder.append(littleEndian: PeerMessageKind(message).rawValue)
        let expected: Int?
        switch message {
        case .consensus(let message):
            builder.append(fieldsOf: message)
            expected = Int(message.payloadByteCount)
        case .forward(let commandCount):
            builder.append(littleEndian: commandCount)
            expected = nil
        case .touches(let count):
            builder.append(littleEndian: count)
            expected = Int(count) * MemoryLayout<UInt64>.size
        case .digest(let slot, let digest):
            builder.append(littleEndian: slot.rawValue)
            builder.append(littleEndian: digest)
            expected = 0
        case .fetchSnapshot(let after, let name, let offset):
            builder.append(littleEndian: after.rawValue)
            builder.append(name)
            builder.append(littleEndian: offset)
            expected = 0
        case .snapshotPiece(let name, let offset):
            builder.append(name)
            builder.append(littleEndian: offset)
            expected = nil
        case .formation:
            expected = nil
        case .admission:
            expected = 0
        }
        invariant(
            expected == nil || expected == payload.byteCount, "a payload other than its message says")
        builder.append(payload)
    }

    /// Reads one frame body, whatever its bytes.
    ///
    /// - Returns: the message, and where its payload begins, which ends with the body.
    /// - Complexity: of the fields; the payload is not looked at.
    /// - Throws: when the body is not exactly what `append` writes for a message within its limits.
    package static func decode(
        _ body: RawSpan
    ) throws(PeerWireError) -> (message: PeerMessage, payloadOffset: Int) {
        var reader = PeerFieldReader(body)
        let message = try reader.message()
        let actual = reader.remaining
        switch message {
        case .consensus(let message):
            try check(actual, is: Int(message.payloadByteCount), at: reader.offset)
        case .forward:
            try check(actual, isAtMost: Limits.proposalByteCountMax, at: reader.offset)
        case .touches(let count):
            try check(actual, is: Int(count) * MemoryLayout<UInt64>.size, at: reader.offset)
        case .digest, .fetchSnapshot, .admission:
            try check(actual, is: 0, at: reader.offset)
        case .snapshotPiece:
            try check(actual, isAtMost: Limits.snapshotPieceByteCountMax, at: reader.offset)
        case .formation:
            try check(actual, isAtMost: Limits.formationByteCountMax, at: reader.offset)
        }
        return (message, reader.offset)
    }

    /// The payload of a body of kind `formation`; nil for one of another kind.
    @_lifetime(copy body)
    package static func formationPayload(_ body: RawSpan) throws(PeerWireError) -> RawSpan? {
        guard body.byteCount > 0,
            unsafe body.unsafeLoad(as: UInt8.self) == PeerMessageKind.formation.rawValue
        else { return nil }
        return body.extracting(try decode(body).payloadOffset...)
    }

    private static func check(_ actual: Int, is expected: Int, at offset: Int) throws(PeerWireError) {
        guard actual == expected else {
            throw PeerWireError(.payloadByteCount(expected: expected, actual: actual), offset: offset)
        }
    }

    private static func check(_ actual: Int, isAtMost most: Int, at offset: Int) throws(PeerWireError) {
        guard actual <= most else { throw PeerWireError(.countTooLarge(UInt64(actual)), offset: offset) }
    }
}
