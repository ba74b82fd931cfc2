package import CoreTypes

/// The value of a system row: a checksum over key and payload, then the payload. `ZnodeRow.verify` holds for it too.
package enum SystemRow {
    /// Bytes of the checksum.
    static let checksumByteCount = 8

    /// Replaces the contents of `builder` by the value that holds `payload` under `key`.
    ///
    /// - Returns: the checksum.
    @discardableResult
    package static func encode(key: RawSpan, payload: RawSpan, into builder: ByteBuilder) -> UInt64 {
        let checksum = ZnodeRow.checksum(key: key, valueAfterChecksum: payload)
        builder.removeAll()
        builder.append(littleEndian: checksum)
        builder.append(payload)
        return checksum
    }

    /// The payload of a row, or nil if its checksum does not match.
    @_lifetime(copy value)
    package static func payload(key: RawSpan, value: RawSpan) -> RawSpan? {
        guard ZnodeRow.verify(key: key, value: value) else { return nil }
        return value.extracting(checksumByteCount..<value.byteCount)
    }

    /// The checksum that a value begins with.
    static func checksum(of value: RawSpan) -> UInt64 {
        UInt64(littleEndian: unsafe value.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
    }
}
