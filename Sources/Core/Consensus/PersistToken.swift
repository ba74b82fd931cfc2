/// The ordinal of a record among all that this life of the replica has handed to its log: 1, 2, 3…
///
/// The log makes records durable in the order in which they were handed over, so "durable through token t" says
/// everything about every record, and a completion cannot be mistaken for that of another write: records are never
/// overwritten, and a token names one record for ever (etcd's ABA problem with completions named by index does not
/// arise).
package struct PersistToken: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Before the first record.
    @inlinable
    package static var none: PersistToken { PersistToken(rawValue: 0) }

    @inlinable
    package static func < (left: PersistToken, right: PersistToken) -> Bool { left.rawValue < right.rawValue }
}
