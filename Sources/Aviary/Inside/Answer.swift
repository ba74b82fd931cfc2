internal import PosixIO
internal import Synchronization

/// A value that one thread waits for and another gives, once.
final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let given = WakeSignal()

    func give(_ value: Value) {
        self.value.withLock { $0 = value }
        given.signal()
    }

    /// Blocks until there is a value, or for so long; nil if there is none then. One thread, once.
    func wait(milliseconds: UInt64) -> Value? {
        _ = given.wait(nanoseconds: milliseconds * 1_000_000)
        return value.withLock { $0 }
    }
}
