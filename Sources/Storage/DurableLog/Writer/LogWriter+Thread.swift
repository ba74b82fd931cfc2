internal import PosixIO
internal import Synchronization

/// The shell around the writer: when to write, when to wait, when to sleep.
extension LogWriter {
    /// Runs until the log is closed or has failed.
    func run(_ shared: LogShared) {
        role.lock()
        defer { role.unlock() }
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
                sleep(shared, nanoseconds: end - now)
                continue
            }
            deadline = nil
            switch writeGroup() {
            case .wrote: shared.onProgress()
            case .stalled: if !waitForSegment(shared) { return }
            case .idle, .failed: break
            }
        }
        _ = writeMark(isCleanStop: true)
    }

    /// Lets others be the writer while the thread sleeps.
    private func sleep(_ shared: LogShared, nanoseconds: UInt64? = nil) {
        role.unlock()
        if let nanoseconds { _ = shared.writerWake.wait(nanoseconds: nanoseconds) } else { shared.writerWake.wait() }
        role.lock()
    }

    /// Sleeps; after the idleness that was asked for, the last group gets its mark.
    private func sleepUntilWork(_ shared: LogShared) {
        willMark = false
        guard needsMark else { return sleep(shared) }
        let idleness = MonotonicClock.nanoseconds - lastWriteNanoseconds
        let delay = shared.options.markDelayMilliseconds * 1_000_000
        if idleness >= delay {
            // Without room the mark waits for the next group's segment; the group it would follow is durable anyway.
            if writeMark(isCleanStop: false) == .stalled { sleep(shared) }
        } else {
            willMark = true
            sleep(shared, nanoseconds: delay - idleness)
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
        sleep(shared, nanoseconds: 1_000_000_000)
        return true
    }
}
