package import CoreTypes
package import ReplicaEngine

/// What carries the messages of a seat: a network, or the memory of a process.
package protocol PeerCarrier: PeerLink {
    /// Ends the connection with a peer, after the current call. It may be made anew later.
    func disconnect(_ replica: ReplicaID, reason: String)
}
