/// Reads little-endian integers and runs of bytes from a span, front to back, and throws where it ends too early.
///
/// For the files of the house; the wire's big-endian records are read by `JuteReader`.
@usableFromInline
package struct ByteReader: ~Escapable {
    @usableFromInline let span: RawSpan

    /// Bytes read so far. Invariant: at most the span's count.
    @usableFromInline package internal(set) var offset: Int

    @inlinable
    @_lifetime(copy span)
    package init(_ span: RawSpan) {
        self.span = span
        self.offset = 0
    }

    /// Bytes not read yet.
    @inlinable
    package var remaining: Int { span.byteCount - offset }

    /// The bytes ended before the value did.
    @usableFromInline
    package struct EndOfBytes: Error, Equatable {
        @usableFromInline package var offset: Int
        @usableFromInline package var wanted: Int

        @usableFromInline
        init(offset: Int, wanted: Int) {
            self.offset = offset
            self.wanted = wanted
        }
    }

    /// The next integer, least significant byte first.
    @inlinable
    @_lifetime(self: copy self)
    package mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type = Value.self
    ) throws(EndOfBytes) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw EndOfBytes(offset: offset, wanted: size) }
        let value = unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
        offset += size
        return Value(littleEndian: value)
    }

    /// The next `count` bytes, not copied.
    @inlinable
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    package mutating func bytes(_ count: Int) throws(EndOfBytes) -> RawSpan {
        guard count >= 0, remaining >= count else { throw EndOfBytes(offset: offset, wanted: count) }
        let part = span.extracting(offset..<(offset + count))
        offset += count
        return part
    }
}
