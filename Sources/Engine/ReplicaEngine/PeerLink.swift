package import CoreTypes

/// What carries an engine's messages to its peers: a network, or other engines of the same process.
///
/// Messages may be lost, doubled, delayed and reordered; they are never changed. The engine calls it on the driver's
/// thread, and never from inside a call of the link into the engine.
package protocol PeerLink: AnyObject {
    /// Queues a message, as `PeerWire` writes it, for a peer; dropped if that one is not connected.
    ///
    /// - Parameter body: copied.
    func send(_ body: RawSpan, to replica: ReplicaID)

    /// Queues a message that nobody waits for at present: it leaves a moment later if another one is likely to take it
    /// along.
    func sendUnhurried(_ body: RawSpan, to replica: ReplicaID)

    /// Queues a message for a peer whose part in what is under way is not waited for: it leaves with the next one that is
    /// sent otherwise, or a moment later.
    func sendLater(_ body: RawSpan, to replica: ReplicaID)

    /// The turn is over: what was queued may leave, in one write a peer.
    func flush()
}

extension PeerLink {
    package func sendUnhurried(_ body: RawSpan, to replica: ReplicaID) { send(body, to: replica) }
    package func sendLater(_ body: RawSpan, to replica: ReplicaID) { sendUnhurried(body, to: replica) }
}
