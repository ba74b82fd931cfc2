/// The number of a record in this life of the log, from 1. What is durable is a prefix of it.
package struct LogSequence: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Before the first record.
    @inlinable
    package static var none: LogSequence { LogSequence(rawValue: 0) }

    @inlinable
    package static func < (left: LogSequence, right: LogSequence) -> Bool { left.rawValue < right.rawValue }
}
