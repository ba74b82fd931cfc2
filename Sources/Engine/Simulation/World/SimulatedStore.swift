package import CoreTypes
package import PosixIO
package import ReplicaEngine
package import SnapshotFile
package import SystemPackage
package import ZnodeTree

/// The contract of the store in LMDB, without a disk: a checkpoint is there wholly or not at all.
package final class SimulatedStore: EngineStore {
    private let base: ModelZnodeBase
    private let fileSystem: any FileSystem
    private let mutant: Mutant?
    /// Empty until something is prepared.
    private let prepared = ModelZnodeBase()

    /// - Parameters:
    ///   - base: what is on the disk; outlives the process.
    ///   - fileSystem: where snapshots are.
    package init(_ base: ModelZnodeBase, _ fileSystem: any FileSystem, mutant: Mutant? = nil) {
        self.base = base
        self.fileSystem = fileSystem
        self.mutant = mutant
    }

    package func makeReader() throws(StorageFault) -> any ZnodeBaseReader { base.makeReader() }

    package func writeCheckpoint(_ delta: Delta) throws(MaintenanceFailure) {
        base.writeCheckpoint(delta)
        if mutant == .tornCheckpoint, base.rows.count > 8 { base.removeRow(at: base.rows.count - 1) }
    }

    package func writeSnapshot(
        to path: FilePath?, in snapshots: SnapshotDirectory, identity: DirectoryIdentity, time: WallClockTime
    ) throws(MaintenanceFailure) -> SnapshotReport {
        do {
            return try ModelSnapshot.write(
                base, to: path, in: snapshots, identity: identity, time: time, fileSystem: fileSystem)
        } catch {
            throw MaintenanceFailure("\(error)")
        }
    }

    package func prepare(from reader: SnapshotReader) throws(MaintenanceFailure) -> PreparedStore {
        do {
            prepared.replace(with: try ModelSnapshot.read(reader))
            if mutant == .snapshotUnverified, prepared.rows.count > 8 {
                prepared.removeRow(at: prepared.rows.count - 1)
            }
            return PreparedStore(slot: reader.header.slot, zxid: reader.header.zxid)
        } catch {
            throw MaintenanceFailure("\(error)")
        }
    }

    package func switchToPrepared() throws(MaintenanceFailure) {
        guard !prepared.systemRows.isEmpty else { throw MaintenanceFailure("nothing is prepared") }
        base.replace(with: prepared)
        prepared.replace(with: ModelZnodeBase())
    }

    package func scrub(afterBytes: @escaping @Sendable (Int) -> Bool) -> [String] { [] }
    package func forgetReads() {}
    package func forgetReadsIfIdle() {}
    package var byteCount: Int { 0 }
    package var figures: [(key: String, value: String)] { [] }
    package func close() {}
}
