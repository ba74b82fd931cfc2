package import Consensus
package import CoreTypes

/// Who a data directory is, once it belongs to a cluster: never changed afterwards, and checked against log, store and
/// snapshots.
package struct DirectoryIdentity: Equatable, Sendable {
    package var cluster: ClusterID
    package var incarnation: Incarnation
    package var replica: ReplicaID
    /// The members with which the cluster was founded; nil for a replica that began alone.
    package var foundingMembers: Membership?

    init(cluster: ClusterID, incarnation: Incarnation, replica: ReplicaID, foundingMembers: Membership? = nil) {
        self.cluster = cluster
        self.incarnation = incarnation
        self.replica = replica
        self.foundingMembers = foundingMembers
    }

    /// What a first start agreed on; nil for a replica that began alone.
    package var founding: FoundingRecord? {
        foundingMembers.map { FoundingRecord(cluster: cluster, membership: $0) }
    }
}
