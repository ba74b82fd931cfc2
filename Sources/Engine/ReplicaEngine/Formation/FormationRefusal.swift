package import CoreTypes

/// Why two replicas, or a replica and its own directory, do not belong together: what, and what to do about it.
package enum FormationRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// This directory belongs to a cluster with other voters than the configuration names.
    case configuredOtherwise(configured: [ReplicaID], founded: [ReplicaID])
    /// The cluster that this replica is to join does not know its number.
    case notAMember(own: ReplicaID, founded: [ReplicaID])
    /// A peer's configuration names other voters.
    case peerConfiguredOtherwise(peer: ReplicaID, own: [ReplicaID], theirs: [ReplicaID])
    /// A peer belongs to another cluster.
    case otherCluster(peer: ReplicaID, own: ClusterID, theirs: ClusterID)
    /// A peer says that it is this very replica.
    case sameReplica(ReplicaID)
    /// The configuration does not name this peer.
    case notConfigured(peer: ReplicaID)

    /// True when this replica itself cannot go on, and must stop; false when the connection to the peer is to be closed,
    /// and made again later.
    package var isFatal: Bool {
        switch self {
        case .configuredOtherwise, .notAMember: true
        case .peerConfiguredOtherwise, .otherCluster, .sameReplica, .notConfigured: false
        }
    }

    /// The peer that does not fit; nil when it is this replica itself.
    package var peer: ReplicaID? {
        switch self {
        case .configuredOtherwise, .notAMember: nil
        case .peerConfiguredOtherwise(let peer, _, _), .otherCluster(let peer, _, _), .sameReplica(let peer),
            .notConfigured(let peer):
            peer
        }
    }

    package var description: String {
        switch self {
        case .configuredOtherwise(let configured, let founded):
            "the configuration names the voters \(text(configured)), and the cluster was founded with "
                + "\(text(founded)), which counts: name these"
        case .notAMember(let own, let founded):
            "the cluster, of the voters \(text(founded)), has no member \(own.rawValue): name this replica by a number "
                + "that it has"
        case .peerConfiguredOtherwise(let peer, let own, let theirs):
            "the configuration here names the voters \(text(own)), that of replica \(peer.rawValue) \(text(theirs)): "
                + "make them the same"
        case .otherCluster(let peer, let own, let theirs):
            "replica \(peer.rawValue) belongs to cluster \(theirs.value), this one to \(own.value): one of the two "
                + "directories does not belong here"
        case .sameReplica(let replica):
            "a peer says that it is replica \(replica.rawValue), as this one is: give each its own number"
        case .notConfigured(let peer):
            "replica \(peer.rawValue) connected, and the configuration does not name it: name it, or stop it"
        }
    }

    private func text(_ replicas: [ReplicaID]) -> String {
        replicas.map { "\($0.rawValue)" }.joined(separator: ", ")
    }
}
