extension RawSpan {
    /// Whether both hold the same bytes.
    func equals(_ other: RawSpan) -> Bool { byteCount == other.byteCount && compare(other) == 0 }

    /// Whether these bytes stand before others: unsigned, a prefix before what continues it.
    func precedes(_ other: RawSpan) -> Bool {
        let order = compare(other)
        return order < 0 || (order == 0 && byteCount < other.byteCount)
    }

    /// Whether these bytes begin with others.
    func begins(with prefix: RawSpan) -> Bool { byteCount >= prefix.byteCount && compare(prefix) == 0 }

    /// Compares as many bytes as both have, eight at a time.
    private func compare(_ other: RawSpan) -> Int {
        let count = Swift.min(byteCount, other.byteCount)
        var offset = 0
        while offset + 8 <= count {
            let left = unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
            let right = unsafe other.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
            if left != right { return left.bigEndian < right.bigEndian ? -1 : 1 }
            offset += 8
        }
        while offset < count {
            let left = unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            let right = unsafe other.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            if left != right { return left < right ? -1 : 1 }
            offset += 1
        }
        return 0
    }
}
