internal import CoreTypes
internal import DurableLog
internal import ReplicaEngine

/// What a store is and does, at one moment.
public struct StoreStatus: Sendable {
    /// Its directory.
    public var directory: String
    /// How the log is made durable: `O_DIRECT|O_DSYNC`, `O_DSYNC` or `fdatasync`, or that it is not.
    public var logMode: String
    /// Acknowledged writes are lost with the machine: the store was opened with `unsafeNoSync`.
    public var isUnsafe: Bool
    /// The median time of a durable write of the log, in nanoseconds, since the store was opened.
    public var syncNanosecondsP50: UInt64
    /// Durable writes of the log so far.
    public var syncCount: UInt64
    /// The zxid that was given out last.
    public var lastZxid: Int64
    /// Znodes, the root included.
    public var znodeCount: Int
    /// Bytes of changes that no checkpoint has yet.
    public var deltaByteCount: Int
    /// Checkpoints since the store was opened.
    public var checkpointCount: UInt64
    /// Bytes of the store's file.
    public var storeByteCount: Int
    /// Slots that were replayed when the store was opened, and how long that took, in nanoseconds.
    public var replayedSlotCount: Int
    /// How long opening took, in nanoseconds.
    public var openNanoseconds: UInt64
    /// What opening found that its owner should know: a store that was made anew, writes that cannot be proven.
    public var notices: [String]
    /// Damage that was found on disk, or why the last checkpoint or snapshot failed; empty if all is well.
    public var trouble: String
    /// Why the store stopped by itself; nil if it did not.
    public var stopReason: String?
    /// What it is in its cluster; nil for a store that stands alone.
    public var cluster: ClusterStatus?
}

extension StoreStatus {
    init(_ status: EngineStatus, cluster: ClusterStatus?) {
        self.init(
            directory: status.dataDirectory, logMode: status.log.syncMode.rawValue, isUnsafe: status.log.isUnsafeNoSync,
            syncNanosecondsP50: status.log.syncTime.nanoseconds(quantile: 0.5), syncCount: status.log.groupCount,
            lastZxid: status.lastZxid.wireValue, znodeCount: status.znodeCount, deltaByteCount: status.deltaByteCount,
            checkpointCount: status.counters.checkpoints, storeByteCount: status.storeByteCount,
            replayedSlotCount: status.replay.slotCount, openNanoseconds: status.replay.openNanoseconds,
            notices: status.recoveryNotices, trouble: status.trouble ?? "",
            stopReason: status.stopReason, cluster: cluster)
    }
}

/// A snapshot that was taken.
public struct SnapshotInfo: Hashable, Sendable {
    /// The file.
    public var path: String
    /// The last zxid in it.
    public var zxid: Int64
    /// Its size.
    public var byteCount: UInt64
}

extension SnapshotInfo {
    init(_ report: SnapshotReport) {
        self.init(path: report.path, zxid: report.zxid.wireValue, byteCount: report.byteCount)
    }
}
