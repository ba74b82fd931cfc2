extension RawSpan {
    /// The integer at an offset, least significant byte first. The caller has checked the count.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, _ type: Value.Type = Value.self
    ) -> Value {
        Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
