internal import Checksums
internal import CoreTypes
internal import LMDB
internal import ZnodeTree

/// One read transaction and the reads that the store knows. Used by one thread at a time.
struct StoreView: ~Copyable {
    var transaction: ReadTransaction
    let databases: StoreDatabases
    let path: String
    private let key = ByteBuilder(capacity: ZnodeKey.byteCountMax + 8)
    private let chunkKey = ByteBuilder(capacity: ChunkKey.byteCount)

    init(_ environment: Environment, _ databases: StoreDatabases) throws(LMDBError) {
        transaction = try environment.beginReading()
        self.databases = databases
        path = environment.path
    }

    /// Reads one znode; verifies its row's checksum, and large data by its hash. O(log n), no allocation.
    func read(
        parent: NodeID, keyName: RawSpan, includingLargeData: Bool, into buffer: ZnodeBuffer
    ) throws(StorageFault) -> Bool {
        let key = key
        key.removeAll()
        ZnodeKey.append(parent: parent, keyName: keyName, to: key)
        let wanted = key.bytes
        guard let value = try nodeValue(wanted) else {
            buffer.removeAll()
            return false
        }
        do throws(RowError) {
            try ZnodeRow.decode(key: wanted, value: value, into: buffer)
        } catch {
            throw StorageFault(error.description, path, "nodes", key: wanted)
        }
        if buffer.isDataLeftOut, includingLargeData { try readLargeData(wanted, into: buffer) }
        return true
    }

    @_lifetime(borrow self)
    private func nodeValue(_ key: RawSpan) throws(StorageFault) -> RawSpan? {
        do throws(LMDBError) {
            return try transaction.value(databases.nodes, key)
        } catch {
            throw StorageFault(error, "nodes", key: key)
        }
    }

    /// The value of a system row, its checksum not verified.
    @_lifetime(borrow self)
    func systemValue(_ key: RawSpan) throws(StorageFault) -> RawSpan? {
        do throws(LMDBError) {
            return try transaction.value(databases.system, key)
        } catch {
            throw StorageFault(error, "system", key: key)
        }
    }

    /// Appends the pieces of large data to a buffer that holds the rest of the znode, and compares their hash.
    func readLargeData(_ row: RawSpan, into buffer: ZnodeBuffer) throws(StorageFault) {
        buffer.beginData()
        let byteCount = Int(buffer.node.dataByteCount)
        let found = try forEachChunk(of: buffer.node.id) { piece in
            guard buffer.data.byteCount + piece.byteCount <= byteCount else { return false }
            buffer.appendData(piece)
            return true
        }
        let data = buffer.data
        guard data.byteCount == byteCount, hash64(data) == buffer.dataHash else {
            throw StorageFault(
                "the data in \(found) pieces is not the one that the row's hash was made of", path, "chunks", key: row)
        }
    }

    /// Calls `body` with the pieces of a znode's large data in order, until it returns false. Returns how many there were.
    @discardableResult
    func forEachChunk(
        of node: NodeID, _ body: (_ piece: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault) -> Int {
        let key = chunkKey
        var count = 0
        ChunkKey.replace(key, node: node, index: 0)
        let prefix = key.bytes.extracting(0..<ChunkKey.prefixByteCount)
        try forEachRow(databases.chunks, "chunks", from: key.bytes) { found, value throws(StorageFault) in
            guard found.begins(with: prefix) else { return false }
            guard ChunkKey.parse(found)?.index == count else {
                throw StorageFault("piece \(count) is missing", path, "chunks", key: found)
            }
            count += 1
            return try body(value)
        }
        return count
    }

    /// Calls `body` with the rows of all children of a znode behind a name, in key order, until it returns false.
    func forEachChild(
        of parent: NodeID, after keyName: RawSpan,
        _ body: (_ keyName: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault) {
        // The body may read through this view, so the key is one of its own.
        let start = ByteBuilder(capacity: ZnodeKey.byteCountMax)
        ZnodeKey.append(parent: parent, keyName: keyName, to: start)
        let first = start.bytes
        let prefix = first.extracting(0..<8)
        try forEachRow(databases.nodes, "nodes", from: first) { key, value throws(StorageFault) in
            guard key.begins(with: prefix) else { return false }
            if key.equals(first) { return true }
            return try body(key.extracting(8..<key.byteCount), value)
        }
    }

    /// Calls `body` with all rows of a database from a key on, until it returns false.
    func forEachRow(
        _ database: Database, _ name: String, from start: RawSpan,
        _ body: (_ key: RawSpan, _ value: RawSpan) throws(StorageFault) -> Bool
    ) throws(StorageFault) {
        var cursor = try cursor(database, name)
        var isAtRow: Bool
        do throws(LMDBError) {
            isAtRow = try cursor.move(toOrAfter: start)
        } catch {
            throw StorageFault(error, name, key: start)
        }
        while isAtRow {
            guard try body(cursor.key, cursor.value) else { return }
            do throws(LMDBError) {
                isAtRow = try cursor.moveToNext()
            } catch {
                throw StorageFault(error, name, key: start)
            }
        }
    }

    @_lifetime(borrow self)
    private func cursor(_ database: Database, _ name: String) throws(StorageFault) -> Cursor {
        do throws(LMDBError) {
            return try transaction.cursor(database)
        } catch {
            throw StorageFault(
                "\(error.operation): \(error.kind.text)", at: "\(path), \(name)", remedy: "close readers")
        }
    }
}
