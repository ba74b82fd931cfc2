/// A growing run of bytes that is written front to back and read as one span; made to be cleared and used again.
///
/// Integers are stored whole, without a bounds check for each byte, so that encoding a record costs a few
/// nanoseconds. Not safe across threads: whoever holds it owns it.
///
/// - Important: a span taken from `bytes` must not be used after the builder is changed.
@usableFromInline
@safe package final class ByteBuilder {
    // Whoever holds a builder owns it, so that checking at run time whether two accesses overlap only costs: it was a
    // quarter of the time of applying a command (`perf record` of the tree's micro benchmark).
    @exclusivity(unchecked) @usableFromInline var uncheckedStorage: UnsafeMutableRawPointer
    @exclusivity(unchecked) @usableFromInline var uncheckedCapacity: Int
    @exclusivity(unchecked) @usableFromInline var uncheckedCount: Int

    @inlinable var storage: UnsafeMutableRawPointer {
        get { unsafe uncheckedStorage }
        set { unsafe uncheckedStorage = newValue }
    }

    @inlinable var capacity: Int {
        get { unsafe uncheckedCapacity }
        set { unsafe uncheckedCapacity = newValue }
    }

    /// Bytes written. Invariant: at most `capacity`.
    @inlinable package internal(set) var count: Int {
        get { unsafe uncheckedCount }
        set { unsafe uncheckedCount = newValue }
    }

    /// An empty builder that can take `capacity` bytes before it grows.
    package init(capacity: Int = 256) {
        let room = max(capacity, 16)
        unsafe uncheckedCapacity = room
        unsafe uncheckedStorage = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
        unsafe uncheckedCount = 0
    }

    deinit { unsafe storage.deallocate() }

    /// What was written so far.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = unsafe RawSpan(_unsafeStart: storage, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// A part of what was written, bound to the life of `owner`, which must own this builder: for types that hand out
    /// spans of a builder they keep.
    @_lifetime(borrow owner)
    package func bytes<Owner: AnyObject>(_ range: Range<Int>, ownedBy owner: borrowing Owner) -> RawSpan {
        invariant(range.lowerBound >= 0 && range.upperBound <= count, "bytes \(range) of \(count)")
        let span = unsafe RawSpan(_unsafeStart: storage + range.lowerBound, byteCount: range.count)
        return unsafe _overrideLifetime(span, borrowing: owner)
    }

    /// Lets `body` change the bytes that were written, in place.
    package func withMutableSpan<Result, Failure: Error>(
        _ body: (inout MutableRawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var span = unsafe MutableRawSpan(_unsafeStart: storage, byteCount: count)
        return try body(&span)
    }

    /// Lets `body` change the bytes that were written, in place, through a pointer: for C functions.
    @unsafe package func withUnsafeMutableBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeMutableRawBufferPointer(start: storage, count: count))
    }

    /// Forgets the bytes and keeps the memory.
    @inlinable
    package func removeAll() { count = 0 }

    /// Forgets all bytes from `count` on.
    package func truncate(to count: Int) {
        invariant(count >= 0 && count <= self.count, "truncate to \(count) of \(self.count) bytes")
        self.count = count
    }

    /// Makes room for `more` bytes beyond those written.
    @inlinable
    package func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @usableFromInline
    @inline(never)
    func grow(_ more: Int) {
        let wanted = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        unsafe larger.copyMemory(from: storage, byteCount: count)
        unsafe storage.deallocate()
        unsafe storage = larger
        capacity = wanted
    }

    /// Appends an integer, most significant byte first (network and Jute order).
    @inlinable
    package func append<Value: FixedWidthInteger>(bigEndian value: Value) {
        reserve(MemoryLayout<Value>.size)
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: count, as: Value.self)
        count += MemoryLayout<Value>.size
    }

    /// Appends an integer, least significant byte first (the order of every file).
    @inlinable
    package func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        reserve(MemoryLayout<Value>.size)
        unsafe storage.storeBytes(of: value.littleEndian, toByteOffset: count, as: Value.self)
        count += MemoryLayout<Value>.size
    }

    /// Writes an integer over bytes that were appended before.
    @inlinable
    package func overwrite<Value: FixedWidthInteger>(at offset: Int, littleEndian value: Value) {
        invariant(offset >= 0 && offset + MemoryLayout<Value>.size <= count, "overwrite beyond the bytes written")
        unsafe storage.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    /// Writes an integer over bytes that were appended before.
    @inlinable
    package func overwrite<Value: FixedWidthInteger>(at offset: Int, bigEndian value: Value) {
        invariant(offset >= 0 && offset + MemoryLayout<Value>.size <= count, "overwrite beyond the bytes written")
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Value.self)
    }

    /// Appends a copy of a span, which may be one of this builder's own only if no growth is needed.
    @inlinable
    package func append(_ span: RawSpan) {
        let added = span.byteCount
        reserve(added)
        unsafe span.withUnsafeBytes { source in
            if let start = source.baseAddress, added > 0 {
                unsafe (storage + count).copyMemory(from: start, byteCount: added)
            }
        }
        count += added
    }

    /// Appends the UTF-8 bytes of a string.
    package func append(utf8 text: String) {
        let isAppended: Void? = unsafe text.utf8.withContiguousStorageIfAvailable { bytes in
            append(unsafe UnsafeRawBufferPointer(bytes).bytes)
        }
        if isAppended == nil { for byte in text.utf8 { append(littleEndian: byte) } }
    }

    /// Appends zeros.
    package func append(zeros added: Int) {
        reserve(added)
        unsafe (storage + count).initializeMemory(as: UInt8.self, repeating: 0, count: added)
        count += added
    }
}
