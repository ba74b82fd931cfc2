/// Where things stand in a reply frame: length, xid, zxid, error, body.
enum ReplyLayout {
    static let lengthByteCount = 4
    static let xidOffset = 4
    static let zxidOffset = 8
    static let errorOffset = 16
    static let bodyOffset = 20

    static let statByteCount = 68
    /// Offsets within a Stat.
    static let statModifiedZxid = 8
    static let statVersion = 32
    static let statDataLength = 52

    /// No server sends a longer frame to this tool; a length beyond it is a broken stream.
    static let frameByteCountMax = 16 << 20

    @inline(__always)
    static func int32(_ start: UnsafeRawPointer, _ offset: Int) -> Int32 {
        Int32(bigEndian: start.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }

    @inline(__always)
    static func int64(_ start: UnsafeRawPointer, _ offset: Int) -> Int64 {
        Int64(bigEndian: start.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }
}
