internal import PosixIO
internal import Synchronization

/// Says that something happened which an engine must be told of, and wakes its driver's thread.
final class EngineWake: Sendable {
    private let sleeper = WakeSignal()
    private let events = Atomic<UInt64>(0)

    /// Something happened; any thread.
    func raise() {
        events.wrappingAdd(1, ordering: .releasing)
        sleeper.signal()
    }

    /// Wakes the thread.
    func signal() { sleeper.signal() }

    /// How often something happened.
    var eventCount: UInt64 { events.load(ordering: .acquiring) }

    /// Sleeps until it is woken or the time is over; the thread alone.
    func wait(nanoseconds: UInt64) -> Bool { sleeper.wait(nanoseconds: nanoseconds) }
}
