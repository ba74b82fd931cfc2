package import CoreTypes

/// What a replica gets from a simulated network.
package enum NetworkEvent: Hashable, Sendable {
    case frame([UInt8], from: ReplicaID, to: ReplicaID)
    /// `replica` is connected with `peer` from now on.
    case connected(replica: ReplicaID, peer: ReplicaID)
    /// The connection is gone, and with it what was under way.
    case disconnected(replica: ReplicaID, peer: ReplicaID)
}
