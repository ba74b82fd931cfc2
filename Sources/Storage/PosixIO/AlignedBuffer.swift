internal import CPosix
internal import CoreTypes

/// Memory aligned to 4096 bytes and zero at first, as writes past the page cache need it.
///
/// Not safe across threads: whoever holds it owns it. Spans taken from it end with the borrow.
@safe package final class AlignedBuffer {
    /// What offsets, counts and addresses of direct writes are multiples of, and the unit of a torn write.
    package static let alignment = 4096

    @usableFromInline let start: UnsafeMutableRawPointer
    /// Bytes of memory: a multiple of `alignment`.
    package let byteCount: Int

    /// Allocates at least `byteCount` bytes, rounded up to the alignment.
    package init(byteCount: Int) {
        let rounded = Self.roundUp(max(byteCount, 1))
        guard let memory = unsafe aviary_allocate_aligned(rounded, Self.alignment) else {
            invariantBroken("no memory for a buffer of \(rounded) bytes", #fileID, #line)
        }
        unsafe aviary_zero(memory, rounded)
        unsafe self.start = memory
        self.byteCount = rounded
    }

    deinit { unsafe aviary_free(start) }

    /// The next multiple of the alignment.
    @inlinable
    package static func roundUp(_ count: Int) -> Int { (count + (alignment - 1)) & ~(alignment - 1) }

    /// A part of the memory, for reading.
    @inlinable
    @_lifetime(borrow self)
    package func bytes(_ range: Range<Int>) -> RawSpan {
        check(range)
        let span = unsafe RawSpan(_unsafeStart: start + range.lowerBound, byteCount: range.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// A part of the memory, for writing. The caller keeps no other span of that part.
    @inlinable
    @_lifetime(borrow self)
    package func mutableBytes(_ range: Range<Int>) -> MutableRawSpan {
        check(range)
        let span = unsafe MutableRawSpan(_unsafeStart: start + range.lowerBound, byteCount: range.count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Copies a span to an offset.
    @inlinable
    package func copy(_ span: RawSpan, at offset: Int) {
        check(offset..<(offset + span.byteCount))
        unsafe span.withUnsafeBytes { source in
            if let from = source.baseAddress { unsafe (start + offset).copyMemory(from: from, byteCount: source.count) }
        }
    }

    /// Writes an integer, least significant byte first.
    @inlinable
    package func store<Value: FixedWidthInteger & BitwiseCopyable>(littleEndian value: Value, at offset: Int) {
        check(offset..<(offset + MemoryLayout<Value>.size))
        unsafe start.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    /// Makes a part zero.
    package func fillWithZeros(_ range: Range<Int>) {
        check(range)
        unsafe aviary_zero(start + range.lowerBound, range.count)
    }

    @inlinable
    func check(_ range: Range<Int>) {
        invariant(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "bytes \(range) of a buffer of \(byteCount)")
    }
}
