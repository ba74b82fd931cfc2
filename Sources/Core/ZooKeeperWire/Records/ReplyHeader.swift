package import CoreTypes
package import Jute

/// What opens every reply and every watch event but the reply to the first frame of a connection.
package struct ReplyHeader: Equatable, Sendable {
    /// The xid of the request, or `SpecialXid.notification`.
    package var xid: Int32
    /// The zxid of a write; the last applied zxid for a read; -1 with unimplemented operations and setWatches' events.
    package var zxid: Int64
    package var error: ErrorCode

    package static let byteCount = 16

    @inlinable
    package init(xid: Int32, zxid: Int64, error: ErrorCode = .ok) {
        self.xid = xid
        self.zxid = zxid
        self.error = error
    }

    package init(from reader: inout JuteReader) throws(JuteError) {
        xid = try reader.int32()
        zxid = try reader.int64()
        error = ErrorCode(rawValue: try reader.int32())
    }

    package func encode(into builder: ByteBuilder) {
        builder.append(bigEndian: xid)
        builder.append(bigEndian: zxid)
        builder.append(bigEndian: error.rawValue)
    }
}
