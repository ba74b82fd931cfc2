import NIOCore

/// The bodies of requests that wait for their turn, first in, first out; one run of bytes for all of them.
struct KeptRequests {
    private var bytes = ByteBuffer()

    mutating func append(_ body: RawSpan) {
        if bytes.readableBytes == 0 { bytes.clear() }
        bytes.writeInteger(UInt32(truncatingIfNeeded: body.byteCount))
        bytes.writeBytes(body)
    }

    /// Takes the first one out.
    mutating func popFirst() -> ByteBuffer {
        let body = bytes.readInteger(as: UInt32.self).flatMap { bytes.readSlice(length: Int($0)) } ?? ByteBuffer()
        if bytes.readableBytes == 0 {
            bytes = ByteBuffer()
        } else if bytes.readerIndex > 1 << 20 {
            bytes.discardReadBytes()
        }
        return body
    }

    mutating func removeAll() { bytes = ByteBuffer() }
}
