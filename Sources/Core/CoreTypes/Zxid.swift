/// The number of a command in execution order, assigned at apply, never reused and never rolled over.
///
/// ZooKeeper's clients read it as an opaque increasing signed long; 0 is "before the first".
@usableFromInline
package struct Zxid: RawRepresentable, Hashable, Comparable, Sendable {
    @usableFromInline package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Before the first command.
    @inlinable
    package static var zero: Zxid { Zxid(rawValue: 0) }

    /// The number of the next command.
    @inlinable
    package var next: Zxid { Zxid(rawValue: rawValue + 1) }

    /// As it stands in a reply on the wire.
    @inlinable
    package var wireValue: Int64 { Int64(bitPattern: rawValue) }

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: Zxid, right: Zxid) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: Zxid, right: Zxid) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package static func > (left: Zxid, right: Zxid) -> Bool { left.rawValue > right.rawValue }

    @inlinable
    package static func <= (left: Zxid, right: Zxid) -> Bool { left.rawValue <= right.rawValue }

    @inlinable
    package static func >= (left: Zxid, right: Zxid) -> Bool { left.rawValue >= right.rawValue }
}
