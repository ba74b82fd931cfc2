/// How a store is opened. The defaults are safe.
public struct StoreOptions: Sendable {
    /// The directory of the log, if it is to lie on another disk than the rest.
    public var logDirectory: String?
    /// The most that one value may hold, in bytes; more is refused. At most 16 MiB less 4 KiB.
    public var dataByteCountMax = 1_048_576
    /// Bytes of change in memory at which a checkpoint is taken in the background.
    public var checkpointByteCount = 24 * 1_048_576
    /// The longest time that a change waits for a checkpoint. What is not in a checkpoint is in the log: this bounds the
    /// time that a start takes, not what is lost, which is nothing.
    public var checkpointIntervalSeconds = 60
    /// The longest time between two snapshots.
    public var snapshotIntervalSeconds = 24 * 3_600
    /// Verified snapshots that are kept.
    public var snapshotCountKept = 3
    /// For comparison only: a write is acknowledged before it is on disk, and a crash of the machine loses it, and may
    /// damage the store. Every status says that it is on.
    public var unsafeNoSync = false

    /// The defaults.
    public init() {}
}
