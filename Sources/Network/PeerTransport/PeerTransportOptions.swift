internal import CoreTypes

/// What a transport waits for and how much it holds. The defaults are those of `Limits`; tests use smaller ones.
package struct PeerTransportOptions: Sendable {
    /// From a connection to the end of its handshake.
    package var handshakeMillisecondsMax = Limits.peerHandshakeMillisecondsMax
    /// Accepted connections that have not proved who they are.
    package var unprovenConnectionCountMax = Limits.unprovenConnectionCountMax
    /// Bytes that wait to be sent to one peer.
    package var queueByteCountMax = Limits.peerQueueByteCountMax
    /// Between a connection that failed and the next attempt: the first time, doubled each further time.
    package var redialMillisecondsMin = 20
    /// The most of that.
    package var redialMillisecondsMax = 1_000
    /// After this long, an attempt to connect has failed; and as long must a connection last to start again at the
    /// shortest wait.
    package var connectMillisecondsMax = 1_000
    /// What was sent and is not acknowledged by the other side's kernel for this long ends the connection.
    package var unacknowledgedMillisecondsMax = 4_000
    /// How long what nobody waits for may be kept back for something else to take it along, and how quickly bodies must
    /// follow each other for that to be likely.
    package var unhurriedMicroseconds = 1_000
    /// How long what is sent later is kept back for something else to take it along.
    package var laterMicroseconds = 5_000

    package init() {}
}
