package import CoreTypes
package import DurableLog
internal import SystemPackage
internal import ZnodeTree

/// What a replica is and does, at one moment: for status output, four-letter words and metrics.
package struct EngineStatus: Sendable {
    package var identity: DirectoryIdentity
    package var dataDirectory: String
    package var log: LogStatus
    package var counters: EngineCounters
    package var replay: ReplayReport
    package var appliedSlot: Slot
    package var lastZxid: Zxid
    package var checkpointSlot: Slot
    package var snapshotSlot: Slot
    package var znodeCount: Int
    package var ephemeralCount: Int
    package var sessionCount: Int
    package var approximateByteCount: Int
    package var deltaByteCount: Int
    package var watchCount: Int
    package var storeByteCount: Int
    package var storeFigures: [(key: String, value: String)]
    /// Commands that wait for a slot, in bytes.
    package var pendingByteCount: Int
    package var isCongested: Bool
    /// Whether its acceptances count; never those of an observer.
    package var isVoting: Bool
    package var stopReason: String?
}

extension ReplicaEngine {
    /// What it is doing now.
    package var status: EngineStatus {
        let checkpoints = checkpoints
        return shared.withLock { tree in
            EngineStatus(
                identity: identity, dataDirectory: directory.path.string, log: log.status, counters: counters,
                replay: replay, appliedSlot: appliedSlot, lastZxid: appliedZxid,
                checkpointSlot: checkpoints.checkpointSlot, snapshotSlot: checkpoints.snapshotSlot,
                znodeCount: Int(tree.nodeCount), ephemeralCount: tree.ephemeralCount, sessionCount: tree.sessionCount,
                approximateByteCount: Int(tree.approximateByteCount), deltaByteCount: tree.deltaByteCount,
                watchCount: watches.count, storeByteCount: store.byteCount, storeFigures: store.figures,
                pendingByteCount: pendingByteCount, isCongested: isCongested, isVoting: isVoting,
                stopReason: stopReason)
        }
    }
}
