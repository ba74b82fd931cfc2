internal import Clustering
internal import Consensus
internal import CoreTypes
internal import ReplicaEngine

/// What a store is in its cluster, at one moment, as far as it knows.
public struct ClusterStatus: Hashable, Sendable {
    /// What a replica does.
    public enum Role: Hashable, Sendable {
        /// It gives writes their order.
        case leader
        /// It votes, and hands writes to the leader.
        case follower
        /// It follows and has no vote.
        case observer
        /// Nobody leads that it knows of: writes and `sync` wait.
        case electing
    }

    /// The number of this replica.
    public var replica: Int
    /// What it does now.
    public var role: Role
    /// The number of the replica that leads; nil while nobody is known to.
    public var leader: Int?
    /// The numbers of those that it is connected with, rising.
    public var connectedReplicas: [Int]
    /// How long ago more than half of the voters confirmed the leader, in milliseconds. Within about this time a read
    /// may miss what others wrote. When it exceeds a session's timeout, the others may have ended that session.
    public var unconfirmedMilliseconds: Int
}

extension ClusterStatus {
    init(_ engine: ReplicaEngine, _ seat: ClusterSeat) {
        let leader: ReplicaID =
            switch engine.roleState {
            case .follower(let leader, _): leader
            case .candidate: .none
            case .leader(_, let isServing): isServing ? engine.options.replica : .none
            }
        let role: Role =
            switch engine.mode {
            case .leader: .leader
            case .follower: .follower
            case .observer: .observer
            case .electing, .standalone: .electing
            }
        self.init(
            replica: Int(engine.options.replica.rawValue), role: role,
            leader: leader == .none ? nil : Int(leader.rawValue),
            connectedReplicas: seat.connectedReplicas.map { Int($0.rawValue) },
            unconfirmedMilliseconds: Int(clamping: engine.unconfirmedMilliseconds ?? 0))
    }
}
