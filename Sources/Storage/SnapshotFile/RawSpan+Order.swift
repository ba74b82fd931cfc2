extension RawSpan {
    /// Whether these bytes stand before others in the order of unsigned bytes, a prefix before what continues it.
    func precedes(_ other: RawSpan) -> Bool {
        let common = min(byteCount, other.byteCount)
        var index = 0
        while index < common {
            let left = unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            let right = unsafe other.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            if left != right { return left < right }
            index += 1
        }
        return byteCount < other.byteCount
    }
}
