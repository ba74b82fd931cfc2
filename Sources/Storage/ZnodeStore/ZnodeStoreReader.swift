internal import LMDB
internal import PosixIO
package import ZnodeTree

/// A reader of `ZnodeStore`: one consistent state, that of the last checkpoint before it was made or renewed.
///
/// While it holds its state the file can only grow: pages that a later checkpoint replaces are not reused before. Hence
/// `renew` after every checkpoint. Used by one thread at a time; each thread that reads has one of its own.
package final class ZnodeStoreReader: ZnodeBaseReader {
    var view: StoreView
    private let store: ZnodeStore
    /// Under which number the store knows it.
    private let number: Int
    /// Reads until the resident pages are looked at again.
    private var readsLeft = ZnodeStoreReader.readsPerLook

    /// A look costs about 1 µs, so 4 ns for each read; meanwhile at most 16 MiB come in, 64 KiB with each read.
    private static let readsPerLook = 256

    init(_ store: ZnodeStore, _ view: consuming StoreView) {
        self.store = store
        self.view = view
        number = store.readers.enter()
    }

    deinit { store.readers.leave(number) }

    package func read(
        parent: NodeID, keyName: RawSpan, includingLargeData: Bool, into buffer: ZnodeBuffer
    ) throws(StorageFault) -> Bool {
        readsLeft -= 1
        if readsLeft == 0 { look() }
        return try view.read(parent: parent, keyName: keyName, includingLargeData: includingLargeData, into: buffer)
    }

    package func forEachChild(
        of parent: NodeID, after keyName: RawSpan,
        _ body: (_ keyName: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault) {
        try view.forEachChild(of: parent, after: keyName, body)
        look()
    }

    package func forEachSystemRow(
        prefix: [UInt8], _ body: (_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        let prefix = unsafe prefix.span.bytes
        try view.forEachRow(view.databases.system, "system", from: prefix) { key, value throws(StorageFault) in
            guard key.begins(with: prefix) else { return false }
            try body(key, value)
            return true
        }
    }

    package func renew() throws(StorageFault) {
        do throws(LMDBError) {
            try view.transaction.renew()
        } catch {
            throw StorageFault(
                "\(error.operation): \(error.kind.text)", at: view.path, remedy: "open the store again")
        }
        store.readers.renewed(number)
    }

    private func look() {
        readsLeft = ZnodeStoreReader.readsPerLook
        store.residency.releaseIfNeeded()
    }
}
