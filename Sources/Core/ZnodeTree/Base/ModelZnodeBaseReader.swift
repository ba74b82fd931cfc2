import Checksums
import CoreTypes
import ZooKeeperWire

/// A reader of `ModelZnodeBase`.
final class ModelZnodeBaseReader: ZnodeBaseReader {
    private let base: ModelZnodeBase
    private var state: ModelZnodeBase.State

    init(_ base: ModelZnodeBase) {
        self.base = base
        state = base.state
    }

    func renew() { state = base.state }

    func read(
        parent: NodeID, keyName: RawSpan, includingLargeData: Bool, into buffer: ZnodeBuffer
    ) throws(StorageFault) -> Bool {
        try countRead()
        buffer.removeAll()
        let key = ModelZnodeBaseReader.key(parent, keyName)
        let index = state.lowerBound(state.rows, key)
        guard index < state.rows.count, state.rows[index].key == key else { return false }
        let value = state.rows[index].value
        do throws(RowError) {
            unsafe try ZnodeRow.decode(key: key.span.bytes, value: value.span.bytes, into: buffer)
        } catch {
            throw fault(error.description, key)
        }
        if buffer.isDataLeftOut, includingLargeData { try readLargeData(into: buffer, key) }
        return true
    }

    private func readLargeData(into buffer: ZnodeBuffer, _ key: [UInt8]) throws(StorageFault) {
        for entry in state.largeData where entry.node == buffer.node.id {
            guard entry.bytes.count == Int(buffer.node.dataByteCount),
                unsafe hash64(entry.bytes.span.bytes) == buffer.dataHash
            else { throw fault("large data does not match its hash", key) }
            unsafe buffer.setData(entry.bytes.span.bytes)
            return
        }
        throw fault("large data is missing", key)
    }

    func forEachChild(
        of parent: NodeID, after keyName: RawSpan,
        _ body: (_ keyName: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault) {
        try countRead()
        let start = ModelZnodeBaseReader.key(parent, keyName)
        let prefix = unsafe ModelZnodeBaseReader.key(parent, start.span.bytes.extracting(0..<0))
        var index = state.lowerBound(state.rows, start)
        if index < state.rows.count, state.rows[index].key == start { index += 1 }
        while index < state.rows.count, state.rows[index].key.starts(with: prefix) {
            let row = state.rows[index]
            guard unsafe try body(row.key.span.bytes.extracting(8..<row.key.count), row.value.span.bytes) else {
                return
            }
            index += 1
        }
    }

    func forEachSystemRow(
        prefix: [UInt8], _ body: (_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        var index = state.lowerBound(state.systemRows, prefix)
        while index < state.systemRows.count, state.systemRows[index].key.starts(with: prefix) {
            let row = state.systemRows[index]
            unsafe try body(row.key.span.bytes, row.value.span.bytes)
            index += 1
        }
    }

    private static func key(_ parent: NodeID, _ keyName: RawSpan) -> [UInt8] {
        let builder = ByteBuilder(capacity: 8 + keyName.byteCount)
        ZnodeKey.append(parent: parent, keyName: keyName, to: builder)
        return [UInt8](copying: builder.bytes)
    }

    private func countRead() throws(StorageFault) {
        guard let left = base.readsBeforeFault else { return }
        if left == 0 { throw StorageFault("injected", at: "model base", remedy: "none: a test asked for it") }
        base.readsBeforeFault = left - 1
    }

    private func fault(_ what: String, _ key: [UInt8]) -> StorageFault {
        let digits = key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return StorageFault(what, at: "model base, key 0x\(digits)", remedy: "rebuild the store")
    }
}
