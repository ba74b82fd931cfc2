/// What a transport did since it was made.
package struct PeerTransportCounters: Hashable, Sendable {
    /// Connections that were welcomed, and those of them that ended.
    package var connected: UInt64 = 0
    package var disconnected: UInt64 = 0
    /// Connections that ended before they were welcomed.
    package var refused: UInt64 = 0
    /// Connections closed because the peer did not read, and those closed because of what it sent.
    package var overflowed: UInt64 = 0
    package var faulty: UInt64 = 0
    package var sentFrames: UInt64 = 0
    package var sentByteCount: UInt64 = 0
    package var receivedFrames: UInt64 = 0
    package var receivedByteCount: UInt64 = 0
    /// Bodies given to `send` for a peer that was not connected.
    package var droppedFrames: UInt64 = 0

    package init() {}
}
