internal import CPosix
package import CoreTypes

/// The date, as the machine believes it; it may jump either way.
package enum WallClock {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    package static var now: WallClockTime { WallClockTime(rawValue: aviary_wall_clock_milliseconds()) }
}
