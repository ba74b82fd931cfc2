package import CoreTypes

/// The clocks of one replica: a monotonic one that may run fast or slow, and a wall clock that may also be wrong and
/// jump. Both are functions of the simulated time and of what was done to them.
package struct SimulatedClock: Hashable, Sendable {
    /// The drift that is allowed, either way: beyond this no clock of a computer is.
    package static let driftPartsPerMillionMax: Int64 = 100_000

    /// The rate holds since then; the monotonic clock stood at `anchorMicroseconds`.
    private var anchor = SimulatedTime.zero
    private var anchorMicroseconds: UInt64
    private var driftPartsPerMillion: Int64 = 0
    /// What the wall clock is ahead of the monotonic one.
    private var wallOffsetMicroseconds: Int64

    /// - Parameters:
    ///   - startMicroseconds: where the monotonic clock stands at the beginning.
    ///   - wallMicroseconds: microseconds since 1970 that the wall clock shows then.
    package init(startMicroseconds: UInt64 = 0, wallMicroseconds: Int64, driftPartsPerMillion: Int64 = 0) {
        anchorMicroseconds = startMicroseconds
        wallOffsetMicroseconds = wallMicroseconds - Int64(startMicroseconds)
        setDrift(partsPerMillion: driftPartsPerMillion, at: .zero)
    }

    /// Microseconds that the monotonic clock shows. Never goes back for a time that does not.
    package func monotonicMicroseconds(at time: SimulatedTime) -> UInt64 {
        invariant(time >= anchor, "the clock was set at \(anchor.rawValue) and is asked for \(time.rawValue)")
        let passed = time.rawValue - anchor.rawValue
        return anchorMicroseconds + passed / 1_000_000 * rate + passed % 1_000_000 * rate / 1_000_000
    }

    /// The monotonic clock in milliseconds.
    package func tick(at time: SimulatedTime) -> Tick { Tick(rawValue: monotonicMicroseconds(at: time) / 1_000) }

    /// The wall clock. May go back.
    package func wallClock(at time: SimulatedTime) -> WallClockTime {
        WallClockTime(rawValue: (Int64(monotonicMicroseconds(at: time)) + wallOffsetMicroseconds) / 1_000)
    }

    /// The clocks run faster, or slower, from now on; neither jumps.
    package mutating func setDrift(partsPerMillion: Int64, at time: SimulatedTime) {
        invariant(abs(partsPerMillion) <= SimulatedClock.driftPartsPerMillionMax, "a drift of \(partsPerMillion)")
        anchorMicroseconds = monotonicMicroseconds(at: time)
        anchor = time
        driftPartsPerMillion = partsPerMillion
    }

    /// The wall clock is set forward, or back.
    package mutating func jump(microseconds: Int64) { wallOffsetMicroseconds += microseconds }

    /// Microseconds that the clock gains in a second.
    private var rate: UInt64 { UInt64(1_000_000 + driftPartsPerMillion) }
}
