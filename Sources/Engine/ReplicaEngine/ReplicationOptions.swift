package import Consensus
package import CoreTypes

/// What an engine is told that is one of several replicas.
package struct ReplicationOptions: Sendable {
    /// Whose directory a first start makes: cluster, incarnation and the membership it begins with. A directory that
    /// has an identity keeps it, and the membership in its log.
    package var founding: Founding
    /// Spreads election time-outs, and nothing else. Nil for a random one.
    package var seed: UInt64?
    /// How keen this replica is to lead, 0 to 7.
    package var priority: UInt8 = 7
    /// Silence of the leader after which a follower asks for an election.
    package var electionTimeoutMilliseconds: UInt64 = 400
    package var heartbeatMilliseconds: UInt64 = 40
    /// Digests are compared at slots that this divides. The same on every replica.
    package var digestPeriodSlotCount: UInt64 = 1_024

    /// Bytes of a snapshot that is sent to a peer in one message, at most `Limits.snapshotPieceByteCountMax`.
    package var snapshotPieceByteCount = Limits.snapshotPieceByteCountMax

    package init(founding: Founding) { self.founding = founding }

    /// How a cluster began.
    package struct Founding: Sendable, Equatable {
        package var cluster: ClusterID
        package var incarnation: Incarnation
        package var membership: Membership

        package init(cluster: ClusterID, incarnation: Incarnation, membership: Membership) {
            self.cluster = cluster
            self.incarnation = incarnation
            self.membership = membership
        }
    }
}
