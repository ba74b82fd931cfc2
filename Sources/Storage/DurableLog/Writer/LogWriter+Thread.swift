internal import PosixIO
internal import Synchronization

/// The shell around the writer: when to write, when to wait, when to sleep.
extension LogWriter {
    /// Runs until the log is closed or has failed.
    func run(_ shared: LogShared) {
        var deadline: UInt64?
        while !shared.hasFailed.load(ordering: .acquiring) {
            guard let wait = waitNanoseconds() else {
                deadline = nil
                if shared.locked({ shared.isClosing }) { break }
                sleepUntilWork(shared)
                continue
            }
            let now = MonotonicClock.nanoseconds
            let end = deadline ?? now + wait
            if wait > 0, now < end {
                deadline = end
                _ = shared.writerWake.wait(nanoseconds: end - now)
                continue
            }
            deadline = nil
            if writeGroup() == .stalled, !waitForSegment(shared) { return }
        }
        _ = writeMark(isCleanStop: true)
    }

    /// Sleeps; after the idleness that was asked for, the last group gets its mark.
    private func sleepUntilWork(_ shared: LogShared) {
        guard needsMark else {
            shared.writerWake.wait()
            return
        }
        let idleness = MonotonicClock.nanoseconds - lastWriteNanoseconds
        let delay = shared.options.markDelayMilliseconds * 1_000_000
        if idleness >= delay {
            // Without room the mark waits for the next group's segment; the group it would follow is durable anyway.
            if writeMark(isCleanStop: false) == .stalled { shared.writerWake.wait() }
        } else {
            _ = shared.writerWake.wait(nanoseconds: delay - idleness)
        }
    }

    /// Waits for the preparer; false when the log is closed without room for what is pending.
    private func waitForSegment(_ shared: LogShared) -> Bool {
        let isClosing = shared.locked {
            shared.counters.stallCount += 1
            return shared.isClosing
        }
        if isClosing { return false }
        shared.preparerWake.signal()
        _ = shared.writerWake.wait(nanoseconds: 1_000_000_000)
        return true
    }
}
