internal import CPosix
package import CoreTypes

/// Time that only goes forward, for time-outs and measurements; it says nothing about the date.
package enum MonotonicClock {
    /// Nanoseconds since some moment before the process began.
    package static var nanoseconds: UInt64 { aviary_monotonic_nanoseconds() }

    /// Nanoseconds that this thread has used a processor: a system call, a quarter of a microsecond.
    package static var threadNanoseconds: UInt64 { aviary_thread_nanoseconds() }

    /// The time in milliseconds, as pure code takes it.
    package static var tick: Tick { Tick(rawValue: nanoseconds / 1_000_000) }
}
