internal import CoreTypes
internal import LMDB
internal import ZnodeTree

/// Moves the rows of a delta into the databases of one write transaction. Rows come in key order.
struct CheckpointWriter: ~Copyable, ~Escapable {
    private var nodes: NodeRunWriter
    private var chunks: WriteCursor
    private var system: WriteCursor
    private let path: String
    /// The greatest key of chunks by now; empty when there is none.
    private let lastChunk = ByteBuilder(capacity: ChunkKey.byteCount)
    private let chunkKey = ByteBuilder(capacity: ChunkKey.byteCount)
    private(set) var counts = CheckpointCounts()

    @_lifetime(borrow transaction)
    init(
        _ transaction: borrowing WriteTransaction, _ databases: StoreDatabases, path: String
    ) throws(LMDBError) {
        let nodes = try NodeRunWriter(transaction.cursor(databases.nodes))
        var chunks = try transaction.cursor(databases.chunks)
        let system = try transaction.cursor(databases.system)
        if try chunks.moveToLast() { lastChunk.append(chunks.key) }
        self.nodes = nodes
        self.chunks = chunks
        self.system = system
        self.path = path
    }

    /// Writes or removes the row of one znode, and its large data.
    @_lifetime(self: copy self)
    mutating func put(_ row: borrowing DeltaRow) throws(StoreError) {
        try clear(row)
        do throws(LMDBError) {
            if row.isRemoved {
                counts.removedRowCount += 1
                return
            }
            try nodes.put(row.key, row.value)
            counts.rowCount += 1
            if row.largeDataChange == .replaced { try putChunks(row.node, row.largeData) }
        } catch {
            throw StoreError(error, key: row.key)
        }
    }

    /// Puts back what was set aside; before the commit.
    @_lifetime(self: copy self)
    mutating func finish() throws(StoreError) {
        do throws(LMDBError) { try nodes.finish() } catch { throw StoreError(error) }
    }

    /// Writes or removes a system row.
    @_lifetime(self: copy self)
    mutating func putSystem(_ key: RawSpan, _ value: RawSpan, isRemoved: Bool) throws(StoreError) {
        do throws(LMDBError) {
            if isRemoved {
                if try system.move(toOrAfter: key), system.key.equals(key) { try system.removeCurrent() }
            } else {
                try system.put(key, value)
            }
            counts.systemRowCount += 1
        } catch {
            throw StoreError(error)
        }
    }

    /// Looks at the row that is there: takes away the large data that goes with it, and the row itself if it goes too.
    @_lifetime(self: copy self)
    private mutating func clear(_ row: borrowing DeltaRow) throws(StoreError) {
        do throws(LMDBError) {
            guard try nodes.seek(row.key) else { return }
        } catch {
            throw StoreError(error, key: row.key)
        }
        let old: (id: NodeID, largeData: ZnodeRow.LargeData?)
        do throws(RowError) {
            guard ZnodeRow.verify(key: nodes.key, value: nodes.value) else { throw RowError(.checksum) }
            old = try ZnodeRow.peek(value: nodes.value)
        } catch {
            throw StoreError(.damaged, path, "nodes, key \(hexadecimal(row.key)): \(error.description)")
        }
        let keepsData = row.largeDataChange == .unchanged && old.id == row.node
        do throws(LMDBError) {
            if row.isRemoved { try nodes.removeFound() }
            if old.largeData != nil, !keepsData { try removeChunks(of: old.id) }
        } catch {
            throw StoreError(error, key: row.key)
        }
    }

    @_lifetime(self: copy self)
    private mutating func removeChunks(of node: NodeID) throws(LMDBError) {
        let key = chunkKey
        ChunkKey.replace(key, node: node, index: 0)
        let prefix = key.bytes.extracting(0..<ChunkKey.prefixByteCount)
        var isAtRow = try chunks.move(toOrAfter: key.bytes)
        while isAtRow, chunks.key.begins(with: prefix) {
            try chunks.removeCurrent()
            counts.removedChunkCount += 1
            isAtRow = try chunks.moveToNext()
        }
    }

    @_lifetime(self: copy self)
    private mutating func putChunks(_ node: NodeID, _ data: RawSpan) throws(LMDBError) {
        let (key, last) = (chunkKey, lastChunk)
        for index in 0..<ChunkKey.count(dataByteCount: data.byteCount) {
            let start = index * ChunkKey.dataByteCount
            let piece = data.extracting(start..<min(start + ChunkKey.dataByteCount, data.byteCount))
            ChunkKey.replace(key, node: node, index: index)
            if last.count == 0 || last.bytes.precedes(key.bytes) {
                try chunks.append(key.bytes, piece)
                last.removeAll()
                last.append(key.bytes)
            } else {
                try chunks.put(key.bytes, piece)
            }
            counts.chunkCount += 1
        }
    }
}

/// What one checkpoint changed.
package struct CheckpointCounts: Equatable, Sendable {
    /// Rows of znodes written.
    package var rowCount = 0
    /// Rows of znodes that were to be removed; some were never there.
    package var removedRowCount = 0
    package var chunkCount = 0
    package var removedChunkCount = 0
    /// System rows written or removed.
    package var systemRowCount = 0

    package init() {}
}
