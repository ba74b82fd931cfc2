import CoreTypes
import PosixIO

/// Engines take their first tick from the machine's clock; later ones come from the test and must not lie before it.
enum MonotonicTime {
    static var start: Tick { MonotonicClock.tick.adding(milliseconds: 10_000) }
}
