extension [UInt8] {
    /// A copy of the bytes of a span.
    package init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}

extension RawSpan {
    /// Whether the bytes are those of an ASCII literal.
    package func equals(_ literal: StaticString) -> Bool {
        guard byteCount == literal.utf8CodeUnitCount else { return false }
        for index in 0..<byteCount {
            let expected = unsafe literal.utf8Start[index]
            if unsafe unsafeLoad(fromByteOffset: index, as: UInt8.self) != expected { return false }
        }
        return true
    }
}
