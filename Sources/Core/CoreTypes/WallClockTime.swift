/// Milliseconds since 1970-01-01 00:00 UTC, as a leader stamps them on a proposal.
///
/// Stamps of successive slots never go back; `ctime` and `mtime` of a znode are such stamps.
@usableFromInline
package struct WallClockTime: RawRepresentable, Hashable, Comparable, Sendable {
    @usableFromInline package var rawValue: Int64

    @inlinable
    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// The start of the epoch: older than any stamp.
    @inlinable
    package static var zero: WallClockTime { WallClockTime(rawValue: 0) }

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: WallClockTime, right: WallClockTime) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: WallClockTime, right: WallClockTime) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package static func > (left: WallClockTime, right: WallClockTime) -> Bool { left.rawValue > right.rawValue }

    @inlinable
    package static func <= (left: WallClockTime, right: WallClockTime) -> Bool { left.rawValue <= right.rawValue }

    @inlinable
    package static func >= (left: WallClockTime, right: WallClockTime) -> Bool { left.rawValue >= right.rawValue }
}
