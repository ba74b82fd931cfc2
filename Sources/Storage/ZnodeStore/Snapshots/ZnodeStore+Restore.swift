package import CoreTypes
internal import LMDB
internal import PosixIO
package import SnapshotFile
package import SystemPackage
internal import ZnodeTree

/// A store that was made from a snapshot.
package struct RestoredStore: Equatable, Sendable {
    package var slot: Slot
    package var zxid: Zxid
    package var nodeCount: UInt64
    package var nanoseconds: UInt64
}

extension ZnodeStore {
    /// Makes the store of a directory from a snapshot: a new file beside the old one, which it replaces at the end.
    ///
    /// Whole and durable on return. A crash, or an error, before the last step leaves the old store as it was.
    ///
    /// - Parameter afterStep: called after some megabytes with the bytes loaded; may wait. False gives up.
    /// - Throws: `.inUse` while the store is open; `.damagedSnapshot` when the rows are not one whole state.
    @discardableResult
    package static func restore(
        in directory: FilePath, from reader: SnapshotReader, afterStep: ((_ byteCount: Int) -> Bool)? = nil
    ) throws(StoreError) -> RestoredStore {
        let start = MonotonicClock.nanoseconds
        let data = StoreFiles.data(in: directory)
        let isOpen = try StoreError.ofLMDB { () throws(LMDBError) in try Environment.isOpen(data.string) }
        guard !isOpen else { throw StoreError(.inUse, data.string, "restore") }
        try StoreMaker.removeTemporary(in: directory)
        let meta = try load(StoreFiles.temporary(in: directory), reader, afterStep)
        try StoreMaker.putInPlace(in: directory)
        return RestoredStore(
            slot: meta.appliedSlot, zxid: meta.lastZxid, nodeCount: meta.nodeCount,
            nanoseconds: MonotonicClock.nanoseconds - start)
    }

    /// Fills the file, and closes it.
    private static func load(
        _ path: FilePath, _ reader: SnapshotReader, _ afterStep: ((_ byteCount: Int) -> Bool)?
    ) throws(StoreError) -> MetaRow {
        let environment = try StoreError.ofLMDB { () throws(LMDBError) in try Environment.open(path.string) }
        var load = try BulkLoad(environment, reader, afterStep: afterStep)
        return try load.run()
    }
}
