import CoreTypes
import ReplicaEngine

/// What the server tells of its replica.
extension ZooKeeperServer {
    func replicaSummary() -> ReplicaSummary { ReplicaSummary(zxid: engine.appliedZxid.rawValue) }
}
