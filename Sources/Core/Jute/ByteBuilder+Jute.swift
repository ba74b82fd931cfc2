package import CoreTypes

/// ZooKeeper's primitive encoding; integers are `append(bigEndian:)`.
extension ByteBuilder {
    /// One byte, 1 or 0.
    package func append(juteBoolean value: Bool) { append(bigEndian: UInt8(value ? 1 : 0)) }

    /// A length and the bytes.
    package func append(juteBuffer bytes: RawSpan) {
        reserve(4 + bytes.byteCount)
        append(bigEndian: Int32(truncatingIfNeeded: bytes.byteCount))
        append(bytes)
    }

    /// A buffer or string that is null: the length -1.
    package func appendJuteNull() { append(bigEndian: Int32(-1)) }

    /// A buffer that may be null.
    package func append(juteBytes bytes: [UInt8]?) {
        guard let bytes else { return appendJuteNull() }
        unsafe append(juteBuffer: bytes.span.bytes)
    }

    /// A length and the UTF-8 bytes of a string, already encoded.
    package func append(juteString bytes: RawSpan) { append(juteBuffer: bytes) }

    /// A length and the UTF-8 bytes of a string.
    package func append(juteString text: String) {
        append(bigEndian: Int32(truncatingIfNeeded: text.utf8.count))
        append(utf8: text)
    }

    /// The count that opens a vector.
    package func append(juteVectorCount count: Int) { append(bigEndian: Int32(truncatingIfNeeded: count)) }
}
