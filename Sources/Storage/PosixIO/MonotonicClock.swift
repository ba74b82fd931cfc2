internal import CPosix
package import CoreTypes

/// Time that only goes forward, for time-outs and measurements; it says nothing about the date.
package enum MonotonicClock {
    /// Nanoseconds since some moment before the process began.
    package static var nanoseconds: UInt64 { aviary_monotonic_nanoseconds() }

    /// The same in milliseconds, as pure code takes it.
    package static var tick: Tick { Tick(rawValue: nanoseconds / 1_000_000) }
}
