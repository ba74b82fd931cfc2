internal import DurableLog

/// For a driver that does everything by hand, in one thread: the log has no threads (`LogOptions.runsOwnThreads`), and
/// neither has maintenance.
extension ReplicaEngine {
    /// Writes one group of the log.
    ///
    /// - Returns: whether something was written; then `processCompletions` is due.
    package func stepLogWriter() -> Bool { log.stepWriter() }

    /// Prepares or recycles a segment.
    package func stepLogPreparer() -> Bool { log.stepPreparer() }

    /// Writes a mark behind the last group, as after a moment of idleness.
    package func stepLogMark() -> Bool { log.stepMark() }

    /// Does one checkpoint, snapshot, scrub or step of a transfer that is due.
    ///
    /// - Returns: whether there was one; then `processCompletions` is due.
    package func stepMaintenance() -> Bool {
        maintenance.step() || snapshotting.step() || scrubbing.step() || transferring.step()
    }

    /// Takes part in no election and is not part of any cluster any more: the process dies. Nothing is written.
    package func abandon() {
        maintenance.stop()
        snapshotting.stop()
        scrubbing.stop()
        transferring.stop()
        prefetcher.stop()
    }
}
