package import CoreTypes

/// Who votes: a replica in one incarnation of its directory.
///
/// Votes are counted by identity, so that a replica whose disk was lost, and with it its promises, does not speak for
/// the one that made them.
package struct ReplicaIdentity: Hashable, Sendable {
    package var replica: ReplicaID
    package var incarnation: Incarnation

    package init(replica: ReplicaID, incarnation: Incarnation) {
        self.replica = replica
        self.incarnation = incarnation
    }
}
