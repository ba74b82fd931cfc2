package import Jute

/// What opens every request but the first of a connection.
package struct RequestHeader: Equatable, Sendable {
    /// The client's number of the request, echoed in the reply.
    package var xid: Int32
    package var operation: OpCode

    package static let byteCount = 8

    @inlinable
    package init(xid: Int32, operation: OpCode) {
        self.xid = xid
        self.operation = operation
    }

    package init(from reader: inout JuteReader) throws(JuteError) {
        xid = try reader.int32()
        operation = OpCode(rawValue: try reader.int32())
    }
}
