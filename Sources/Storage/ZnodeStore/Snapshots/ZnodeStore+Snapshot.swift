package import CoreTypes
internal import LMDB
package import PosixIO
package import SnapshotFile
package import SystemPackage
internal import ZnodeTree

extension ZnodeStore {
    /// Writes the last checkpoint to a snapshot at `path`. Durable and whole on return, or not there.
    ///
    /// Every row and all large data is verified on the way. Runs beside checkpoints and readers, from one read
    /// transaction: a snapshot is one state, so that transaction cannot be renewed. Meanwhile no page is reused, and the
    /// file grows by what checkpoints replace: at most (bytes of a checkpoint) x (checkpoints meanwhile). The article
    /// Schema has the bound; `StoreStatus.oldestReaderNanoseconds` shows how long it lasts.
    package func writeSnapshot(
        to path: FilePath, origin: SnapshotOrigin, fileSystem: any FileSystem, pace: SnapshotPace = .init()
    ) throws(StoreError) -> WrittenSnapshot {
        let start = MonotonicClock.nanoseconds
        let number = readers.enter()
        defer { readers.leave(number) }
        let view = try StoreError.ofLMDB { () throws(LMDBError) in try StoreView(environment, databases) }
        guard let meta = try meta(view) else {
            throw StoreError(.notAStore, self.path, "snapshot: there was no checkpoint yet")
        }
        let header = SnapshotHeader(
            cluster: origin.cluster, incarnation: origin.incarnation, slot: meta.appliedSlot, zxid: meta.lastZxid,
            time: origin.time, stateMachineVersion: origin.stateMachineVersion)
        let writer = try StoreError.ofSnapshots { () throws(SnapshotError) in
            try SnapshotWriter(path, header: header, fileSystem: fileSystem, pace: releasing(pace))
        }
        let footer = try SnapshotExport(writer, meta: meta, path: self.path).run(view)
        residency.releaseAfterWork()
        return WrittenSnapshot(
            slot: meta.appliedSlot, zxid: meta.lastZxid, rowCount: footer.rowCount, byteCount: writer.byteCount,
            rowByteCount: footer.rowByteCount, nanoseconds: MonotonicClock.nanoseconds - start)
    }

    /// The meta row of the last checkpoint; nil before the first.
    package func meta() throws(StoreError) -> (slot: Slot, zxid: Zxid)? {
        let view = try StoreError.ofLMDB { () throws(LMDBError) in try StoreView(environment, databases) }
        return try meta(view).map { ($0.appliedSlot, $0.lastZxid) }
    }

    func meta(_ view: borrowing StoreView) throws(StoreError) -> MetaRow? {
        let key = SystemKey.meta
        do throws(StorageFault) {
            guard let value = unsafe try view.systemValue(key.span.bytes) else { return nil }
            guard let payload = unsafe SystemRow.payload(key: key.span.bytes, value: value) else {
                throw unsafe StorageFault("the checksum does not match", path, "system", key: key.span.bytes)
            }
            do throws(RowError) {
                return try MetaRow(payload: payload)
            } catch {
                throw unsafe StorageFault(error.description, path, "system", key: key.span.bytes)
            }
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// A pace that also keeps the resident pages in bounds: a snapshot touches every page.
    private func releasing(_ pace: SnapshotPace) -> SnapshotPace {
        var pace = pace
        let afterBlock = pace.afterBlock
        let residency = residency
        pace.afterBlock = { byteCount in
            residency.releaseIfNeeded()
            return afterBlock?(byteCount) ?? true
        }
        return pace
    }
}
