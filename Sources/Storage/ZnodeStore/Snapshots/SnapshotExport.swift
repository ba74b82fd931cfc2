internal import CoreTypes
internal import LMDB
internal import SnapshotFile
internal import ZnodeTree

/// Copies the rows of one state of a store into a snapshot, and checks them on the way: damage is not passed on.
final class SnapshotExport {
    private let writer: SnapshotWriter
    private let path: String
    private let meta: MetaRow
    private let buffer = ZnodeBuffer()
    private var digest = TreeDigest()
    private var rowCount: UInt64 = 0
    private var failure: StoreError?

    init(_ writer: SnapshotWriter, meta: MetaRow, path: String) {
        self.writer = writer
        self.meta = meta
        self.path = path
    }

    /// Copies everything and finishes the file.
    func run(_ view: borrowing StoreView) throws(StoreError) -> SnapshotFooter {
        try copy(view, view.databases.nodes, "nodes", StoreSection.nodes) { key, value throws(StorageFault) in
            guard ZnodeRow.verify(key: key, value: value) else {
                throw StorageFault("the checksum of the row does not match its key and value", path, "nodes", key: key)
            }
            try checkNode(key, value, view)
            return true
        }
        try copy(view, view.databases.chunks, "chunks", StoreSection.chunks) { _, _ in true }
        try copy(view, view.databases.system, "system", StoreSection.system) { key, value throws(StorageFault) in
            guard StoreMarker.isReplicated(key) else { return false }
            guard ZnodeRow.verify(key: key, value: value) else {
                throw StorageFault("the checksum of the row does not match its key and value", path, "system", key: key)
            }
            if SystemKey.isInDigest(key) {
                digest.sessions &+= value.integer(at: 0, UInt64.self)
            }
            return true
        }
        guard digest == meta.digest, rowCount == meta.nodeCount else {
            throw StoreError(.damaged, path, "snapshot: digest or number of the rows is not that of the checkpoint")
        }
        return try StoreError.ofSnapshots { () throws(SnapshotError) in try writer.finish(digest: meta.snapshotDigest) }
    }

    private func checkNode(
        _ key: RawSpan, _ value: RawSpan, _ view: borrowing StoreView
    ) throws(StorageFault) {
        rowCount += 1
        digest.znodes &+= value.integer(at: 0, UInt64.self)
        do throws(RowError) {
            guard try ZnodeRow.peek(value: value).largeData != nil else { return }
            try ZnodeRow.decode(key: key, value: value, into: buffer, verifying: false)
        } catch {
            throw StorageFault(error.description, path, "nodes", key: key)
        }
        try view.readLargeData(key, into: buffer)
    }

    /// Copies the rows of a database that `check` says are to be copied.
    private func copy(
        _ view: borrowing StoreView, _ database: Database, _ name: String, _ section: SnapshotSection,
        _ check: (_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StoreError) {
        do throws(StorageFault) {
            try view.forEachRow(database, name, from: RawSpan()) { key, value throws(StorageFault) in
                guard try check(key, value) else { return true }
                do throws(SnapshotError) {
                    try writer.append(section, key: key, value: value)
                    return true
                } catch {
                    failure = StoreError(error)
                    return false
                }
            }
        } catch {
            throw StoreError(error, path: path)
        }
        if let failure { throw failure }
    }
}

extension MetaRow {
    /// What the footer of a snapshot of this state holds.
    var snapshotDigest: UInt64 { digest.znodes &+ digest.sessions }
}
