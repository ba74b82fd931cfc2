import NIOCore

extension ByteBuffer {
    /// Appends a frame, through one reservation.
    mutating func writeFrame(_ body: RawSpan, number: UInt64) {
        let header = FrameHeader(of: body, number: number)
        let byteCount = FrameHeader.byteCount + header.bodyByteCount
        writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { target in
            let length = UInt32(truncatingIfNeeded: header.bodyByteCount)
            target.storeBytes(of: length.littleEndian, toByteOffset: 0, as: UInt32.self)
            target.storeBytes(of: header.checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
            body.withUnsafeBytes { source in
                if let start = source.baseAddress, let place = target.baseAddress {
                    (place + FrameHeader.byteCount).copyMemory(from: start, byteCount: source.count)
                }
            }
            return byteCount
        }
    }
}
