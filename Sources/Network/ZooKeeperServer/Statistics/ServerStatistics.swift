/// What the server counted since it started, or since `srst`.
struct ServerStatistics {
    /// Requests, pings and first frames included.
    var received: UInt64 = 0
    /// Replies and events.
    var sent: UInt64 = 0
    var receivedByteCount: UInt64 = 0
    var sentByteCount: UInt64 = 0
    var latency = LatencySummary()
    var readLatency = LatencySummary()
    var writeLatency = LatencySummary()
    /// Connections that were closed at once because a limit was reached.
    var rejectedConnections: UInt64 = 0
    /// Connections that asked for a session or an attachment.
    var connectRequests: UInt64 = 0
    /// Connections that this server cut off: broken frames, silence, unread replies.
    var droppedConnections: UInt64 = 0
    var failedAuthentications: UInt64 = 0
    /// Watch events that were sent.
    var events: UInt64 = 0
}
