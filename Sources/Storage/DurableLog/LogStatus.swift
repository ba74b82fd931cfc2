package import CoreTypes

/// What a log is doing, for status output and metrics. Taken at one moment.
package struct LogStatus: Sendable {
    /// How groups are made durable.
    package var syncMode: SyncMode
    /// Acknowledged writes are lost with the machine: every status output says so.
    package var isUnsafeNoSync: Bool { syncMode.isUnsafe }
    /// Median time of a durable write of 4 KiB by mode, as measured when the log was opened; modes that this file system
    /// does not support are missing, and so are all when the mode was given.
    package var probe: [SyncModeProbe.Result]

    package var groupCount: UInt64
    package var markCount: UInt64
    package var recordCount: UInt64
    /// Bytes of payloads, and of groups with headers and padding.
    package var payloadByteCount: UInt64
    package var writtenByteCount: UInt64
    package var syncTime: SyncTimeHistogram
    /// What the group commit controller believes.
    package var controller: GroupCommitController

    package var segmentCount: Int
    package var segmentByteCount: UInt64
    package var preparedCount: Int
    package var spareCount: Int
    package var createdSegmentCount: UInt64
    package var recycledSegmentCount: UInt64
    /// How often the writer had to wait for a segment.
    package var stallCount: UInt64

    package var promised: Ballot
    package var chosenThrough: Slot
    package var lastSequence: LogSequence
    package var durableSequence: LogSequence
    /// Records that wait to be durable take so many bytes.
    package var pendingByteCount: Int
    /// No segment can be prepared for lack of space: accepted records are refused when what is there is used up.
    package var isShortOfSpace: Bool
    package var failure: LogFailure?
}
