internal import LMDB
internal import PosixIO
package import ZnodeTree

/// A reader of `ZnodeStore`: one consistent state, that of the last checkpoint before it was made or renewed.
///
/// While it holds its state the file can only grow: pages that a later checkpoint replaces are not reused before. Hence
/// `renew` after every checkpoint. Used by one thread at a time; each thread that reads has one of its own.
package final class ZnodeStoreReader: ZnodeBaseReader {
    // One thread at a time uses a reader, so that checking at run time whether two accesses overlap only costs (4 % of a
    // read).
    @exclusivity(unchecked) var view: StoreView
    private let store: ZnodeStore
    /// Under which number the store knows it.
    private let number: Int
    /// Reads until the resident pages are looked at again.
    @exclusivity(unchecked) private var readsLeft = ZnodeStoreReader.readsPerLook

    /// A look costs about 1 µs, so 4 ns for each read; meanwhile at most 16 MiB come in, 64 KiB with each read.
    private static let readsPerLook = 256

    init(_ store: ZnodeStore, _ view: consuming StoreView) {
        self.store = store
        unsafe self.view = view
        number = store.readers.enter()
    }

    deinit { store.readers.leave(number) }

    package func read(
        parent: NodeID, keyName: RawSpan, includingLargeData: Bool, into buffer: ZnodeBuffer
    ) throws(StorageFault) -> Bool {
        unsafe readsLeft -= 1
        if unsafe readsLeft == 0 { look() }
        return unsafe try view.read(
            parent: parent, keyName: keyName, includingLargeData: includingLargeData, into: buffer)
    }

    package func forEachChild(
        of parent: NodeID, after keyName: RawSpan,
        _ body: (_ keyName: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault) {
        unsafe try view.forEachChild(of: parent, after: keyName, body)
        look()
    }

    package func forEachSystemRow(
        prefix: [UInt8], _ body: (_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        let prefix = unsafe prefix.span.bytes
        unsafe try view.forEachRow(view.databases.system, "system", from: prefix) { key, value throws(StorageFault) in
            guard key.begins(with: prefix) else { return false }
            try body(key, value)
            return true
        }
    }

    package func renew() throws(StorageFault) {
        do throws(LMDBError) {
            unsafe try view.transaction.renew()
        } catch {
            throw StorageFault(
                "\(error.operation): \(error.kind.text)", at: store.path, remedy: "open the store again")
        }
        store.readers.renewed(number)
    }

    private func look() {
        unsafe store.residency.noteReads(ZnodeStoreReader.readsPerLook - readsLeft)
        unsafe readsLeft = ZnodeStoreReader.readsPerLook
    }
}
