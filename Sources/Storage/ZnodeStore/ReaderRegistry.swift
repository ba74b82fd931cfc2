internal import PosixIO
internal import Synchronization

/// Since when each reader has held its state: the oldest says from when on no page of the file was reused.
final class ReaderRegistry: Sendable {
    /// Nanoseconds of the monotonic clock, by number; 0 where there is none.
    private let starts = Mutex<[UInt64]>([])

    /// A new reader begins. Returns its number.
    func enter() -> Int {
        let now = MonotonicClock.nanoseconds
        return starts.withLock { starts in
            if let free = starts.firstIndex(of: 0) {
                starts[free] = now
                return free
            }
            starts.append(now)
            return starts.count - 1
        }
    }

    func renewed(_ number: Int) {
        let now = MonotonicClock.nanoseconds
        starts.withLock { $0[number] = now }
    }

    func leave(_ number: Int) { starts.withLock { $0[number] = 0 } }

    /// How many readers there are, and how long the oldest state has been held.
    var ages: (count: Int, oldestNanoseconds: UInt64) {
        let now = MonotonicClock.nanoseconds
        return starts.withLock { starts in
            let held = starts.filter { $0 != 0 }
            return (held.count, held.min().map { now - min(now, $0) } ?? 0)
        }
    }
}
