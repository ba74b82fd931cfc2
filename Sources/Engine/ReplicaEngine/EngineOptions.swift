package import CoreTypes
package import DurableLog

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
    /// The longest time that a change waits for a checkpoint.
    package var checkpointIntervalMilliseconds: UInt64 = 60_000
    /// The longest time between two snapshots.
    package var snapshotIntervalMilliseconds: UInt64 = 24 * 3_600_000
    /// Bytes of log after which a snapshot is due, so that the log before it can be recycled.
    package var logByteCountPerSnapshot = 256 * 1_048_576
    /// Verified snapshots that are kept.
    package var snapshotCountKept = 3
    /// The granularity of session expiry.
    package var sessionPeriodMilliseconds: UInt64 = 500

    package init() {}
}
