package import CoreTypes
package import DurableLog
internal import PosixIO

/// How an engine is opened. The defaults are safe; what is unsafe says so in its name.
package struct EngineOptions: Sendable {
    /// The replica's number, as in `myid`.
    package var replica = ReplicaID(rawValue: 1)
    /// The directory of the log, if it is not to lie inside the data directory (`dataLogDir`).
    package var logDirectory: String?
    /// How the log is written.
    package var log = LogOptions()
    /// Bytes of address space reserved for the store: the size it can grow to.
    package var storeByteCountMax = 1 << 40
    /// The delta's size at which a checkpoint starts.
    package var deltaByteCountCheckpoint = Limits.deltaByteCountCheckpoint
    /// The deltas' size at which writers wait for a checkpoint.
    package var deltaByteCountMax = Limits.deltaByteCountMax
    /// Commands after which a checkpoint starts, however small the delta is.
    package var commandsPerCheckpointMax = Limits.commandsPerCheckpointMax
    /// Milliseconds of replay at which a checkpoint starts. How long the next start will replay is taken to be how long
    /// the commands since the checkpoint took to apply.
    package var replayMillisecondsCheckpoint = Limits.replayMillisecondsCheckpoint
    /// Milliseconds of replay that may come on top while a checkpoint is under way, before writers wait for it.
    package var replayMillisecondsWaiting = Limits.replayMillisecondsWaiting
    /// What the applying of a slot is measured with, in nanoseconds: processor time, since a start has the processors
    /// for itself.
    package var applyClock: @Sendable () -> UInt64 = { MonotonicClock.threadNanoseconds }
    /// The longest time that a change waits for a checkpoint.
    package var checkpointIntervalMilliseconds: UInt64 = 60_000
    /// The longest time between two snapshots.
    package var snapshotIntervalMilliseconds: UInt64 = 24 * 3_600_000
    /// Bytes of log after which a snapshot is due, so that the log before it can be recycled.
    package var logByteCountPerSnapshot = 256 * 1_048_576
    /// Bytes of log that are kept for peers beyond what this replica needs: who is further behind takes a snapshot.
    package var logByteCountForPeers = Limits.logTailByteCountForPeers
    /// Verified snapshots that are kept.
    package var snapshotCountKept = 3
    /// False: checkpoints, snapshots and scrubs are made by `ReplicaEngine.stepMaintenance`.
    package var runsMaintenanceThreads = true
    /// What an opening takes the time from; ticks come from the driver after that.
    package var clock: @Sendable () -> Tick = { MonotonicClock.tick }
    /// When what is seldom read is read again; nil for never.
    package var scrub: ScrubOptions? = ScrubOptions()
    /// The granularity of session expiry.
    package var sessionPeriodMilliseconds: UInt64 = 500

    /// What it must know as one of several replicas; nil alone.
    package var cluster: ReplicationOptions?

    package init() {}
}
