package import Consensus
package import CoreTypes
package import PeerWire

/// Whom a transport tells what comes in: the engine, on the event loop that both live on.
///
/// No call is made from within a call of `PeerTransport/send(_:to:)` or `PeerTransport/flush()`, nor after
/// `PeerTransport/stop()`. Every call may use the transport.
package protocol PeerTransportDelegate: AnyObject {
    /// What is told of this replica to the next one that a connection is made with. After a change of it, see
    /// `PeerTransport/greetAgain()`.
    func ownFacts() -> PeerFacts

    /// A peer has proved who it is.
    ///
    /// The transport has checked that it is one of the configured replicas and, when both are founded, of the same
    /// cluster. What is sent to it during the call leaves if it is welcome.
    ///
    /// - Returns: nil if it is welcome; else why not, for both logs, and the connection is closed.
    func peerConnected(_ facts: PeerFacts) -> String?

    /// The connection that `peerConnected` welcomed is gone. What was sent and not answered may or may not have
    /// arrived.
    func peerDisconnected(_ replica: ReplicaID)

    /// One frame body, in the order in which the peer sent them, none twice and none left out.
    ///
    /// - Parameter body: valid during the call only.
    /// - Throws: when it is malformed; the connection is closed.
    func peerReceived(_ body: RawSpan, from identity: ReplicaIdentity) throws(PeerWireError)

    /// All bodies of one read were delivered; there was at least one.
    func peerReadComplete()
}
