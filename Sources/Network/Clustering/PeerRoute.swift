package import Consensus
package import CoreTypes

/// A way between replicas that are driven by threads of their own. It hands what comes in to a port, and numbers the
/// connections with each peer.
package protocol PeerRoute: AnyObject, Sendable {
    /// Begins to connect with peers, and to tell the port. Blocks until that is so.
    ///
    /// - Parameter cluster: that of the replica; nil while it is of none.
    func start(_ port: PeerPort, as identity: ReplicaIdentity, cluster: ClusterID?) throws

    /// The replica has become a member of a cluster.
    func founded(_ cluster: ClusterID)

    /// Sends what is meant for connections that stand, and drops the rest. Does not block.
    func carry(_ mail: OutgoingMail)

    /// Ends a connection, unless it is gone.
    func disconnect(_ replica: ReplicaID, connection: UInt64, reason: String)

    /// The port has room again, after it had none for a message.
    func portHasRoom()

    /// Ends all connections. Nothing is told to the port when this has returned. Blocks; once.
    func stop()
}
