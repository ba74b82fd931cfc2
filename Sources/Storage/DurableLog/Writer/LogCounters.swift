/// What the log's threads count. Guarded by the lock of the log's shared state.
struct LogCounters: Sendable {
    var groupCount: UInt64 = 0
    var markCount: UInt64 = 0
    var recordCount: UInt64 = 0
    var payloadByteCount: UInt64 = 0
    var writtenByteCount: UInt64 = 0
    var createdSegmentCount: UInt64 = 0
    var recycledSegmentCount: UInt64 = 0
    var stallCount: UInt64 = 0
    var syncTime = SyncTimeHistogram()
}
