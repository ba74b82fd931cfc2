import Glibc

/// Says on standard error how far a run of many seeds is, every few seconds.
struct SeedProgress {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var said: ContinuousClock.Instant
    private let total: UInt64
    private var count: UInt64 = 0

    private static let interval = Duration.seconds(5)

    init(total: UInt64) {
        start = clock.now
        said = start
        self.total = total
    }

    /// One more seed is done.
    mutating func passed(failedCount: Int) {
        count += 1
        let now = clock.now
        guard now - said >= Self.interval, count < total else { return }
        said = now
        let found = failedCount == 0 ? "nothing found" : "\(failedCount) failed"
        var line = "[\(start.duration(to: now).components.seconds) s] \(count) of \(total) seeds, \(found)\n"
        // What cannot be said there cannot be said at all.
        line.withUTF8 { bytes in _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
