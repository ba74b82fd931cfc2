internal import CoreTypes

/// The reader of a tree that was closed: whatever is asked of it is a fault.
final class EndedReader: ZnodeBaseReader {
    private var fault: StorageFault {
        StorageFault("the store is closed", at: "this process", remedy: "open it again")
    }

    func read(
        parent: NodeID, keyName: RawSpan, includingLargeData: Bool, into buffer: ZnodeBuffer
    ) throws(StorageFault) -> Bool {
        throw fault
    }

    func forEachChild(
        of parent: NodeID, after keyName: RawSpan,
        _ body: (_ keyName: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault) {
        throw fault
    }

    func forEachSystemRow(
        prefix: [UInt8], _ body: (_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        throw fault
    }

    func renew() throws(StorageFault) { throw fault }
}
