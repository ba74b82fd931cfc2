/// Comparing bytes word by word: what `memcmp` would do, without the call.
enum Bytes {
    @inline(__always)
    static func equal(_ left: RawSpan, _ right: ByteRun) -> Bool {
        let count = left.byteCount
        guard count == right.count else { return false }
        guard let other = unsafe right.start else { return true }
        return unsafe left.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return true }
            return unsafe equal(start, UnsafeRawPointer(other), count)
        }
    }

    @inline(__always)
    static func equal(_ left: RawSpan, _ right: RawSpan) -> Bool {
        let count = left.byteCount
        guard count == right.byteCount else { return false }
        return unsafe left.withUnsafeBytes { first in
            unsafe right.withUnsafeBytes { second in
                guard let start = first.baseAddress, let other = second.baseAddress else { return true }
                return unsafe equal(start, other, count)
            }
        }
    }

    @inline(__always)
    private static func equal(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
        if count >= 8 {
            var offset = 0
            while offset + 8 <= count {
                if unsafe word(left, offset) != word(right, offset) { return false }
                offset += 8
            }
            return unsafe word(left, count - 8) == word(right, count - 8)
        }
        for offset in 0..<count
        where unsafe left.load(fromByteOffset: offset, as: UInt8.self)
            != right.load(fromByteOffset: offset, as: UInt8.self)
        {
            return false
        }
        return true
    }

    @inline(__always)
    private static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// Whether `left` comes before `right`, byte by byte as unsigned numbers; a prefix comes first.
    static func precedes(_ left: RawSpan, _ right: RawSpan) -> Bool { order(left, right) < 0 }

    /// Negative, zero or positive as `left` comes before, equals or comes after `right`.
    static func order(_ left: RawSpan, _ right: RawSpan) -> Int {
        let count = min(left.byteCount, right.byteCount)
        var offset = 0
        while offset + 8 <= count {
            let first = unsafe left.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
            let second = unsafe right.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
            if first != second { return UInt64(bigEndian: first) < UInt64(bigEndian: second) ? -1 : 1 }
            offset += 8
        }
        while offset < count {
            let first = unsafe left.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            let second = unsafe right.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            if first != second { return first < second ? -1 : 1 }
            offset += 1
        }
        return left.byteCount - right.byteCount
    }

    /// The first eight bytes as a number that sorts as they do; missing ones count as 0.
    static func sortingWord(_ span: RawSpan) -> UInt64 {
        if span.byteCount >= 8 {
            return UInt64(bigEndian: unsafe span.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt64.self))
        }
        var prefix: UInt64 = 0
        for offset in 0..<span.byteCount {
            let byte = unsafe span.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            prefix |= UInt64(byte) << UInt64(56 - 8 * offset)
        }
        return prefix
    }
}
