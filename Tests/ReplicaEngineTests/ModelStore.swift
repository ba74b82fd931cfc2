import CoreTypes
import SnapshotFile
import SystemPackage
import ZnodeTree

@testable import ReplicaEngine

/// The store's contract without a disk, which survives the engine as a disk would.
final class ModelStore: EngineStore {
    let base: ModelZnodeBase

    init(_ base: ModelZnodeBase = ModelZnodeBase()) { self.base = base }

    func makeReader() throws(StorageFault) -> any ZnodeBaseReader { base.makeReader() }

    func writeCheckpoint(_ delta: Delta) throws(MaintenanceFailure) { base.writeCheckpoint(delta) }

    func writeSnapshot(
        to path: FilePath?, in snapshots: SnapshotDirectory, identity: DirectoryIdentity, time: WallClockTime
    ) throws(MaintenanceFailure) -> SnapshotReport {
        throw MaintenanceFailure("the model takes no snapshots")
    }

    func scrub(afterBytes: @escaping @Sendable (Int) -> Bool) -> [String] { [] }
    func forgetReads() {}
    func forgetReadsIfIdle() {}
    var byteCount: Int { 0 }
    var figures: [(key: String, value: String)] { [] }
    func close() {}
}
