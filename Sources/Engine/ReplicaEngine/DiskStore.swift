package import CoreTypes
internal import PosixIO
package import SnapshotFile
internal import Synchronization
package import SystemPackage
internal import ZnodeStore
package import ZnodeTree

/// The store on LMDB, as the engine uses it.
package final class DiskStore: EngineStore {
    /// Nil once it is closed.
    private let opened: Mutex<ZnodeStore?>
    private let fileSystem: any FileSystem
    private let path: FilePath
    private let options: ZnodeStoreOptions

    /// Opens the store of a data directory, or makes an empty one.
    package init(_ directory: DataDirectory, byteCountMax: Int) throws(EngineError) {
        var options = ZnodeStoreOptions()
        options.mapByteCount = byteCountMax
        fileSystem = directory.fileSystem
        path = directory.storePath
        self.options = options
        do throws(StoreError) {
            opened = Mutex(try ZnodeStore.open(directory.storePath, options: options))
        } catch {
            throw EngineError(store: error)
        }
    }

    package func makeReader() throws(StorageFault) -> any ZnodeBaseReader { try store.makeReader() }

    private var store: ZnodeStore {
        guard let store = opened.withLock({ $0 }) else { invariantBroken("the store is closed", #fileID, #line) }
        return store
    }

    package func writeCheckpoint(_ delta: Delta) throws(MaintenanceFailure) {
        do throws(StoreError) {
            try store.writeCheckpoint(delta)
        } catch {
            throw MaintenanceFailure(error)
        }
    }

    package func writeSnapshot(
        to path: FilePath?, in snapshots: SnapshotDirectory, identity: DirectoryIdentity, time: WallClockTime
    ) throws(MaintenanceFailure) -> SnapshotReport {
        let origin = SnapshotOrigin(
            cluster: identity.cluster, incarnation: identity.incarnation, time: time,
            stateMachineVersion: UInt32(ProposalHeader.stateMachineVersion))
        do throws(StoreError) {
            let target: FilePath
            if let path { target = path } else { target = snapshots.path(of: try store.meta()?.slot ?? .none) }
            let written = try store.writeSnapshot(to: target, origin: origin, fileSystem: fileSystem)
            let final = path ?? snapshots.path(of: written.slot)
            // A checkpoint may have come between looking at the slot and reading the state.
            if final != target { try rename(target, to: final, in: snapshots) }
            // What was written is read back before anything relies on it.
            try verify(final)
            return SnapshotReport(
                path: final.string, slot: written.slot, zxid: written.zxid, byteCount: written.byteCount,
                milliseconds: written.nanoseconds / 1_000_000)
        } catch {
            throw MaintenanceFailure(error)
        }
    }

    private func rename(
        _ source: FilePath, to target: FilePath, in snapshots: SnapshotDirectory
    ) throws(StoreError) {
        do throws(FileError) {
            try fileSystem.rename(source, to: target)
            try fileSystem.syncDirectory(snapshots.path)
        } catch {
            throw StoreError(.failed, target.string, "rename the snapshot: \(error)")
        }
    }

    private func verify(_ path: FilePath) throws(StoreError) {
        do throws(SnapshotError) {
            try SnapshotReader(path, fileSystem: fileSystem).verify()
        } catch {
            throw StoreError(.damaged, path.string, "the snapshot just written does not read back: \(error)")
        }
    }

    package func prepare(from reader: SnapshotReader) throws(MaintenanceFailure) -> PreparedStore {
        do throws(StoreError) {
            let made = try ZnodeStore.prepare(in: path, from: reader)
            return PreparedStore(slot: made.slot, zxid: made.zxid)
        } catch {
            throw MaintenanceFailure(error)
        }
    }

    package func switchToPrepared() throws(MaintenanceFailure) {
        close()
        do throws(StoreError) {
            try ZnodeStore.switchToPrepared(in: path)
            let made = try ZnodeStore.open(path, options: options)
            opened.withLock { $0 = made }
        } catch {
            throw MaintenanceFailure(error)
        }
    }

    package func scrub(afterBytes: @escaping @Sendable (Int) -> Bool) -> [String] {
        var pace = VerifyPace()
        pace.afterStep = { afterBytes($0.byteCount) }
        do throws(StoreError) {
            return try store.verify(pace).findings.map(\.description)
        } catch {
            return error.kind == .cancelled ? [] : [error.description]
        }
    }

    package func forgetReads() { store.trimResidentPages() }
    package func forgetReadsIfIdle() { store.trimResidentPagesIfIdle() }

    package var byteCount: Int { store.usedByteCount }

    package var figures: [(key: String, value: String)] {
        let status = store.status
        return [
            ("store_used_bytes", "\(status.usedByteCount)"),
            ("store_resident_bytes", "\(status.residentByteCount ?? 0)"),
            ("store_readers", "\(status.readerCount)"),
            ("store_oldest_reader_ms", "\(status.oldestReaderNanoseconds / 1_000_000)"),
            ("store_checkpoint_rows", "\(status.last?.counts.rowCount ?? 0)"),
        ]
    }

    package func close() { opened.withLock { $0 = nil } }
}

extension MaintenanceFailure {
    fileprivate init(_ error: StoreError) { self.init(error.description, isOutOfSpace: error.isOutOfSpace) }
}

extension EngineError {
    /// From what the store says.
    init(store error: StoreError) {
        let kind: Kind =
            switch error.kind {
            case .outOfSpace: .diskFull
            case .newerVersion: .newerVersion
            case .inUse: .directoryInUse
            case .mapFull, .failed, .fenced, .cancelled: .directoryNotUsable
            default: .damagedStore
            }
        self.init(kind, error.description)
    }
}
