import CoreTypes
import NIOCore
import ZooKeeperWire

/// Frames for clients, written through one reservation each.
extension ByteBuffer {
    /// A reply: length, header, body.
    mutating func writeReply(xid: Int32, zxid: Int64, error: ErrorCode, body: RawSpan) {
        let bodyByteCount = body.byteCount
        let byteCount = FrameLength.byteCount + ReplyHeader.byteCount + bodyByteCount
        writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { target in
            let length = Int32(truncatingIfNeeded: ReplyHeader.byteCount + bodyByteCount)
            target.storeBytes(of: length.bigEndian, toByteOffset: 0, as: Int32.self)
            target.storeBytes(of: xid.bigEndian, toByteOffset: 4, as: Int32.self)
            target.storeBytes(of: zxid.bigEndian, toByteOffset: 8, as: Int64.self)
            target.storeBytes(of: error.rawValue.bigEndian, toByteOffset: 16, as: Int32.self)
            body.withUnsafeBytes { source in
                if let start = source.baseAddress, let place = target.baseAddress {
                    (place + 20).copyMemory(from: start, byteCount: bodyByteCount)
                }
            }
            return byteCount
        }
    }

    /// A watch event: length, header, record.
    mutating func writeEvent(_ type: WatchEventType, path: RawSpan, zxid: Int64) {
        reserveCapacity(minimumWritableBytes: FrameLength.byteCount + ReplyHeader.byteCount + 12 + path.byteCount)
        writeInteger(Int32(truncatingIfNeeded: ReplyHeader.byteCount + 12 + path.byteCount))
        writeInteger(SpecialXid.notification)
        writeInteger(zxid)
        writeInteger(ErrorCode.ok.rawValue)
        writeInteger(type.rawValue)
        writeInteger(KeeperState.syncConnected.rawValue)
        writeInteger(Int32(truncatingIfNeeded: path.byteCount))
        writeBytes(path)
    }

    /// A frame without a header: the answer to a first frame.
    mutating func writeFrame(_ body: RawSpan) {
        writeInteger(Int32(truncatingIfNeeded: body.byteCount))
        writeBytes(body)
    }
}
