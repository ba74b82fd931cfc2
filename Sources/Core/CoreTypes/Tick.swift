/// A count of milliseconds on a monotonic clock, read by the shell and passed in: the only time that pure code sees.
///
/// It orders time-outs inside one process life and is never written to disk or sent.
@usableFromInline
package struct Tick: RawRepresentable, Hashable, Comparable, Sendable {
    @usableFromInline package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The tick that lies a number of milliseconds later.
    @inlinable
    package func adding(milliseconds: UInt64) -> Tick { Tick(rawValue: rawValue + milliseconds) }

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: Tick, right: Tick) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: Tick, right: Tick) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package static func > (left: Tick, right: Tick) -> Bool { left.rawValue > right.rawValue }

    @inlinable
    package static func <= (left: Tick, right: Tick) -> Bool { left.rawValue <= right.rawValue }

    @inlinable
    package static func >= (left: Tick, right: Tick) -> Bool { left.rawValue >= right.rawValue }
}
