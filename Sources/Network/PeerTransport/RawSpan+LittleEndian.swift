/// Integers between replicas, which are little-endian. The caller has checked that the bytes are there; if not, the
/// span stops the process instead of reading beyond.
extension RawSpan {
    func uint16(at offset: Int) -> UInt16 {
        UInt16(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    func uint32(at offset: Int) -> UInt32 {
        UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
