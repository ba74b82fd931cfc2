import CoreTypes
import ReplicaEngine
import ZnodeTree

/// What the server tells of its replica.
extension ZooKeeperServer {
    func replicaSummary() -> ReplicaSummary {
        let status = engine.status
        var summary = ReplicaSummary()
        summary.zxid = status.lastZxid.rawValue
        // ZooKeeper's table holds the root twice, as "" and as "/", and it counts both.
        summary.znodeCount = status.znodeCount + 1
        summary.dataByteCount = status.approximateByteCount
        summary.ephemeralCount = status.ephemeralCount
        summary.sessionCount = status.sessionCount
        summary.watchCount = status.watchCount
        summary.watchedPathCount = engine.watches.pathCount
        summary.watchingConnectionCount = engine.watches.watcherCount
        summary.storeByteCount = status.storeByteCount
        summary.logByteCount = Int(status.logByteCount)
        summary.more = status.figures
        return summary
    }

    func startSummary() -> StartSummary {
        let status = engine.status
        return StartSummary(
            dataDirectory: status.dataDirectory, logMode: status.logMode, isUnsafeNoSync: status.isUnsafeNoSync,
            syncMicroseconds: status.probedSyncNanoseconds.map { $0 / 1_000 }, znodeCount: status.znodeCount,
            replayedSlotCount: status.replay.slotCount,
            replayMicroseconds: status.replay.replayNanoseconds / 1_000,
            openMicroseconds: status.replay.openNanoseconds / 1_000, notices: status.recoveryNotices)
    }
}
