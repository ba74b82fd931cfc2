import CoreTypes
import ReplicaEngine
import ZnodeTree

/// What the server tells of its replica.
extension ZooKeeperServer {
    func replicaSummary() -> ReplicaSummary {
        var summary = ReplicaSummary()
        engine.shared.withLock { tree in
            summary.zxid = tree.lastZxid.rawValue
            summary.znodeCount = Int(tree.nodeCount)
            summary.dataByteCount = Int(tree.approximateByteCount)
            summary.ephemeralCount = tree.ephemeralCount
            summary.sessionCount = tree.sessionCount
        }
        summary.watchCount = engine.watches.count
        summary.watchedPathCount = engine.watches.pathCount
        summary.watchingConnectionCount = engine.watches.watcherCount
        return summary
    }
}
