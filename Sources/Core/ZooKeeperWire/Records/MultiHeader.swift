package import CoreTypes
package import Jute

/// What stands before each operation of a multi and each result of it, and closes both lists.
package struct MultiHeader: Equatable, Sendable {
    package var operation: OpCode
    /// True for the header that closes the list.
    package var isDone: Bool
    /// -1 in requests; in results 0, or the error of an error record.
    package var error: ErrorCode

    package static let byteCount = 9

    @inlinable
    package init(operation: OpCode, isDone: Bool = false, error: ErrorCode) {
        self.operation = operation
        self.isDone = isDone
        self.error = error
    }

    /// The header that closes a list.
    @inlinable
    package static var end: MultiHeader {
        MultiHeader(operation: .error, isDone: true, error: ErrorCode(rawValue: -1))
    }

    package init(from reader: inout JuteReader) throws(JuteError) {
        operation = OpCode(rawValue: try reader.int32())
        isDone = try reader.boolean()
        error = ErrorCode(rawValue: try reader.int32())
    }

    package func encode(into builder: ByteBuilder) {
        builder.append(bigEndian: operation.rawValue)
        builder.append(juteBoolean: isDone)
        builder.append(bigEndian: error.rawValue)
    }
}
