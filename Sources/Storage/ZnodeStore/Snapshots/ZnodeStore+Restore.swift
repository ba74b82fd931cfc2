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
    /// Where the old file is kept.
    package var aside: FilePath?
    package var nanoseconds: UInt64
}

extension ZnodeStore {
    /// Makes the store of a directory from a snapshot: a new file beside the old one, which it replaces at the end.
    ///
    /// Whole and durable on return. A crash, or an error, before the last step leaves the old store as it was.
    ///
    /// - Parameters:
    ///   - keepsOld: the old file is set aside instead of replaced, once the new one is whole.
    ///   - afterStep: called after some megabytes with the bytes loaded; may wait. False gives up.
    /// - Throws: `.inUse` while the store is open; `.damagedSnapshot` when the rows are not one whole state.
    @discardableResult
    package static func restore(
        in directory: FilePath, from reader: SnapshotReader, keepsOld: Bool = false,
        afterStep: ((_ byteCount: Int) -> Bool)? = nil
    ) throws(StoreError) -> RestoredStore {
        let start = MonotonicClock.nanoseconds
        try checkNotOpen(directory)
        var restored = try prepare(in: directory, from: reader, afterStep: afterStep)
        restored.aside = keepsOld ? try setAside(in: directory) : nil
        try switchToPrepared(in: directory)
        restored.nanoseconds = MonotonicClock.nanoseconds - start
        return restored
    }

    /// Makes a new file from a snapshot, under a temporary name, whether the store of the directory is open or not. Whole
    /// and durable on return, and removed by the next open that was not preceded by `switchToPrepared`.
    package static func prepare(
        in directory: FilePath, from reader: SnapshotReader, afterStep: ((_ byteCount: Int) -> Bool)? = nil
    ) throws(StoreError) -> RestoredStore {
        let start = MonotonicClock.nanoseconds
        try StoreMaker.removeTemporary(in: directory)
        let meta = try load(StoreFiles.temporary(in: directory), reader, afterStep)
        return RestoredStore(
            slot: meta.appliedSlot, zxid: meta.lastZxid, nodeCount: meta.nodeCount, aside: nil,
            nanoseconds: MonotonicClock.nanoseconds - start)
    }

    /// Gives the prepared file the name of the store's. Durable on return.
    ///
    /// - Throws: `.inUse` while the store is open.
    package static func switchToPrepared(in directory: FilePath) throws(StoreError) {
        try checkNotOpen(directory)
        try StoreMaker.putInPlace(in: directory)
    }

    private static func checkNotOpen(_ directory: FilePath) throws(StoreError) {
        let data = StoreFiles.data(in: directory)
        let isOpen = try StoreError.ofLMDB { () throws(LMDBError) in try Environment.isOpen(data.string) }
        guard !isOpen else { throw StoreError(.inUse, data.string, "restore") }
    }

    /// Takes the store of a directory, which is not open, out of the way; a new one can then be made in its place.
    ///
    /// - Returns: where the file is now; nil if there was none.
    package static func setAside(in directory: FilePath) throws(StoreError) -> FilePath? {
        let fileSystem = RealFileSystem()
        let data = StoreFiles.data(in: directory)
        return try StoreError.ofFiles { () throws(FileError) in
            guard try fileSystem.exists(data) else { return nil }
            var number = 1
            while try fileSystem.exists(StoreFiles.damaged(in: directory, number: number)) { number += 1 }
            let aside = StoreFiles.damaged(in: directory, number: number)
            try fileSystem.rename(data, to: aside)
            try fileSystem.syncDirectory(directory)
            return aside
        }
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
