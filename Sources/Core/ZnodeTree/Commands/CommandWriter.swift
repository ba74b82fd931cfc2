package import CoreTypes

/// Appends commands to a proposal:
///
/// ```
/// 0  u32 byte count              of the whole command, these four bytes included
/// 4  i32 kind
/// 8  u64 session
/// 16 u64 attachment
/// 24 u64 sequence
/// 32 u16 byte count of the identities
/// 34 identities                  see `Identities`; empty: none
///    body                        a client's request as it came, without its header
/// ```
package enum CommandWriter {
    /// Appends one command.
    ///
    /// - Parameters:
    ///   - identities: at most 65 535 bytes.
    ///   - body: copied; together with the rest at most `Limits.proposalByteCountMax`.
    @inlinable
    package static func append(
        _ header: CommandHeader, identities: RawSpan, body: RawSpan, to bytes: ByteBuilder
    ) {
        let byteCount = CommandHeader.encodedByteCount + identities.byteCount + body.byteCount
        invariant(identities.byteCount <= Int(UInt16.max), "identities of \(identities.byteCount) bytes")
        invariant(byteCount <= Limits.proposalByteCountMax, "a command of \(byteCount) bytes")
        bytes.reserve(byteCount)
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: byteCount))
        bytes.append(littleEndian: header.kind)
        bytes.append(littleEndian: header.session.rawValue)
        bytes.append(littleEndian: header.attachment.rawValue)
        bytes.append(littleEndian: header.sequence)
        bytes.append(littleEndian: UInt16(truncatingIfNeeded: identities.byteCount))
        bytes.append(identities)
        bytes.append(body)
    }
}
