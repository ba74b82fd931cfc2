import CoreTypes
import ReplicaEngine
import SnapshotFile
import SystemPackage
import ZnodeTree

/// The contract of the store in LMDB, without a disk: a checkpoint is there wholly or not at all.
final class SimulatedStore: EngineStore {
    private let base: ModelZnodeBase
    private let mutant: Mutant?

    /// - Parameter base: what is on the disk; outlives the process.
    init(_ base: ModelZnodeBase, mutant: Mutant?) {
        self.base = base
        self.mutant = mutant
    }

    func makeReader() throws(StorageFault) -> any ZnodeBaseReader { base.makeReader() }

    func writeCheckpoint(_ delta: Delta) throws(MaintenanceFailure) {
        base.writeCheckpoint(delta)
        if mutant == .tornCheckpoint, base.rows.count > 8 { base.removeRow(at: base.rows.count - 1) }
    }

    func writeSnapshot(
        to path: FilePath?, in snapshots: SnapshotDirectory, identity: DirectoryIdentity, time: WallClockTime
    ) throws(MaintenanceFailure) -> SnapshotReport {
        throw MaintenanceFailure("snapshots are not simulated yet")
    }

    func scrub(afterBytes: @escaping @Sendable (Int) -> Bool) -> [String] { [] }
    func forgetReads() {}
    func forgetReadsIfIdle() {}
    var byteCount: Int { 0 }
    var figures: [(key: String, value: String)] { [] }
    func close() {}
}
