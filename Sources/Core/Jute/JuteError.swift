/// Why bytes from the network are not the Jute record they should be.
package struct JuteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Equatable, Sendable {
        /// The bytes end before the value does: so many were wanted.
        case endOfBytes(wanted: Int)
        /// The length of a string or buffer is below -1 or above the limit.
        case unreasonableLength(Int32)
        /// The count of a vector is below -1, or more than the remaining bytes can hold.
        case unreasonableCount(Int32)
    }

    package var reason: Reason

    /// Where the value begins, in bytes from the start of the record.
    package var offset: Int

    @inlinable
    package init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        switch reason {
        case .endOfBytes(let wanted):
            "record ends too early: the value at offset \(offset) takes \(wanted) bytes that are not there"
        case .unreasonableLength(let length):
            "length \(length) at offset \(offset) is negative or more than this record may hold"
        case .unreasonableCount(let count):
            "count \(count) at offset \(offset) is negative or more than the remaining bytes can hold"
        }
    }
}
