import ZooKeeperWire

/// What `cons` and `stat` show of one connection.
struct ConnectionStatistics {
    var received: UInt64 = 0
    var sent: UInt64 = 0
    var latency = LatencySummary()
    var lastLatencyNanoseconds: Int64 = 0
    var lastOperation: OpCode?
    var lastXid: Int32 = 0
    var lastZxid: Int64 = 0
    /// Nanoseconds of the monotonic clock.
    var lastReplyAt: Int64 = 0
}
