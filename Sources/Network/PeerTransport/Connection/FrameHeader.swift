import Checksums
import CoreTypes

/// What stands before each frame body:
///
/// ```
/// 0            4            8
/// +------------+------------+-----
/// | u32 length | u32 CRC-32C| body
/// +------------+------------+-----
/// ```
///
/// The checksum is over a u64, the count of the frames that went before it in this direction of this connection, and
/// the body.
struct FrameHeader: Equatable {
    static let byteCount = 8

    /// Bytes of the body.
    var bodyByteCount: Int
    var checksum: UInt32

    init(of body: RawSpan, number: UInt64) {
        bodyByteCount = body.byteCount
        checksum = FrameHeader.checksum(of: body, number: number)
    }

    /// Reads the header that stands at an offset, which has been checked to be there.
    init(_ bytes: RawSpan, at offset: Int) {
        bodyByteCount = Int(bytes.uint32(at: offset))
        checksum = bytes.uint32(at: offset + 4)
    }

    static func checksum(of body: RawSpan, number: UInt64) -> UInt32 {
        let prefix = withUnsafeBytes(of: number.littleEndian) { crc32c(RawSpan(_unsafeBytes: $0)) }
        return crc32c(body, continuing: prefix)
    }

    /// False for a length that no frame has.
    var isPlausible: Bool { bodyByteCount > 0 && bodyByteCount <= Limits.peerBodyByteCountMax }
}
