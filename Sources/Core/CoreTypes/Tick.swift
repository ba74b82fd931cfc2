/// A count of milliseconds on a monotonic clock, read by the shell and passed in: the only time that pure code sees.
///
/// It orders time-outs inside one process life and is never written to disk or sent.
package struct Tick: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The tick that lies a number of milliseconds later.
    @inlinable
    package func adding(milliseconds: UInt64) -> Tick { Tick(rawValue: rawValue + milliseconds) }

    @inlinable
    package static func < (left: Tick, right: Tick) -> Bool { left.rawValue < right.rawValue }
}
