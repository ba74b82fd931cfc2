import CoreTypes

/// Reads ZooKeeper's primitive encoding from a span, front to back, without copying.
///
/// Big-endian; a string or buffer is a 32-bit length (-1 is null) and its bytes; a vector is a 32-bit count (-1 is
/// null) and its elements. Every length is checked against what remains *before* anything is done with it, so no bytes
/// whatsoever make it trap or allocate. Bytes after the last value are left alone, as ZooKeeper leaves them.
///
/// A boolean is true for every byte but 0, and a string is not checked to be UTF-8 here: both as in ZooKeeper's
/// `BinaryInputArchive`.
package struct JuteReader: ~Escapable {
    @usableFromInline let span: RawSpan

    /// The longest string or buffer that is taken.
    @usableFromInline let byteCountMax: Int

    /// Bytes read so far. Invariant: at most the span's count.
    @usableFromInline package internal(set) var offset: Int

    /// A reader at the start of `span` that refuses strings and buffers longer than `byteCountMax`.
    @inlinable
    @_lifetime(copy span)
    package init(_ span: RawSpan, byteCountMax: Int = .max) {
        self.span = span
        self.byteCountMax = byteCountMax
        self.offset = 0
    }

    /// Bytes not read yet.
    @inlinable
    package var remaining: Int { span.byteCount - offset }

    /// A 32-bit integer.
    @inlinable
    @_lifetime(self: copy self)
    package mutating func int32() throws(JuteError) -> Int32 { try integer(Int32.self) }

    /// A 64-bit integer.
    @inlinable
    @_lifetime(self: copy self)
    package mutating func int64() throws(JuteError) -> Int64 { try integer(Int64.self) }

    /// One byte, true unless it is 0.
    @inlinable
    @_lifetime(self: copy self)
    package mutating func boolean() throws(JuteError) -> Bool { try integer(UInt8.self) != 0 }

    /// A run of bytes, or nil where the sender wrote null.
    ///
    /// - Throws: `JuteError` when the length is below -1, above the limit, or beyond the remaining bytes.
    @inlinable
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    package mutating func buffer() throws(JuteError) -> RawSpan? {
        let start = offset
        let length = try int32()
        if length == -1 { return nil }
        guard length >= 0, Int(length) <= byteCountMax else {
            offset = start
            throw JuteError(.unreasonableLength(length), offset: start)
        }
        return try bytes(Int(length))
    }

    /// The bytes of a string; a null string reads as an empty one.
    ///
    /// They are not checked to be UTF-8: whoever makes a `String` of them does that, and paths are checked by
    /// `PathRules` byte by byte.
    @inlinable
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    package mutating func string() throws(JuteError) -> RawSpan {
        let start = offset
        let length = try int32()
        if length == -1 { return try bytes(0) }
        guard length >= 0, Int(length) <= byteCountMax else {
            offset = start
            throw JuteError(.unreasonableLength(length), offset: start)
        }
        return try bytes(Int(length))
    }

    /// The bytes of a string that must be there: a path, a scheme. ZooKeeper fails on a null one as on a record that
    /// ends too early.
    @inlinable
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    package mutating func requiredString() throws(JuteError) -> RawSpan {
        let start = offset
        if let value = try buffer() { return value }
        offset = start
        throw JuteError(.unreasonableLength(-1), offset: start)
    }

    /// The number of elements of a vector, nil where the sender wrote null.
    ///
    /// - Parameter elementByteCountMin: what the smallest element takes; a count that the remaining bytes cannot hold
    ///   is refused, so that a reader may reserve room for it.
    @inlinable
    @_lifetime(self: copy self)
    package mutating func vectorCount(elementByteCountMin: Int) throws(JuteError) -> Int? {
        let start = offset
        let count = try int32()
        if count == -1 { return nil }
        guard count >= 0, Int(count) <= remaining / max(elementByteCountMin, 1) else {
            offset = start
            throw JuteError(.unreasonableCount(count), offset: start)
        }
        return Int(count)
    }

    /// The next `count` bytes as they are.
    @inlinable
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    package mutating func bytes(_ count: Int) throws(JuteError) -> RawSpan {
        guard count >= 0, remaining >= count else { throw JuteError(.endOfBytes(wanted: count), offset: offset) }
        let part = span.extracting(offset..<(offset + count))
        offset += count
        return part
    }

    /// The bytes from `start`, an offset that was passed already, up to here: a value read once and kept encoded.
    @inlinable
    @_lifetime(copy self)
    package func bytesRead(from start: Int) -> RawSpan {
        invariant(start >= 0 && start <= offset, "bytes from \(start) of \(offset) read")
        return span.extracting(start..<offset)
    }

    @inlinable
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(JuteError) -> Value {
        let size = MemoryLayout<Value>.size
        guard remaining >= size else { throw JuteError(.endOfBytes(wanted: size), offset: offset) }
        let value = unsafe span.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
        offset += size
        return Value(bigEndian: value)
    }
}
