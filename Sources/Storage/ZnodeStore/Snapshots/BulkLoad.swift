internal import Checksums
internal import CoreTypes
internal import LMDB
internal import SnapshotFile
internal import SystemPackage
internal import ZnodeTree

/// Fills a new data file with the rows of a snapshot, in key order, and checks that they are one whole state.
struct BulkLoad: ~Copyable {
    private let environment: Environment
    private let databases: StoreDatabases
    private let reader: SnapshotReader
    private var digest = TreeDigest()
    private var rowCount: UInt64 = 0
    private var meta: MetaRow?
    private var large = LargeDataCheck()
    private let afterStep: ((_ byteCount: Int) -> Bool)?

    /// Bytes of rows in one transaction: LMDB keeps their pages in memory until the commit, and for the life of the
    /// environment.
    private static let transactionByteCount = 16 * 1_048_576

    init(
        _ environment: Environment, _ reader: SnapshotReader, afterStep: ((_ byteCount: Int) -> Bool)?
    ) throws(StoreError) {
        let made = try StoreError.ofLMDB { () throws(LMDBError) in
            var transaction = try environment.beginWriting()
            let databases = try StoreDatabases(making: transaction)
            try StoreMaker.putMarker(&transaction, databases)
            try transaction.commit()
            return databases
        }
        self.environment = environment
        self.reader = reader
        self.afterStep = afterStep
        databases = made
    }

    /// Loads everything. The file is durable on return.
    mutating func run() throws(StoreError) -> MetaRow {
        var hasMore = true
        while hasMore {
            let transaction = try StoreError.ofLMDB { () throws(LMDBError) in try environment.beginWriting() }
            hasMore = try fill(transaction)
            // Not committed before the last rows are known to be right.
            if !hasMore { try check() }
            do throws(LMDBError) { try transaction.commit() } catch { throw StoreError(error) }
        }
        guard let meta else { throw refusal("it lacks the row that says what it is a checkpoint of") }
        return meta
    }

    /// Loads as much as one transaction takes. False at the end of the snapshot.
    private mutating func fill(_ transaction: borrowing WriteTransaction) throws(StoreError) -> Bool {
        var cursors = try BulkCursors(transaction, databases)
        let reader = reader
        var byteCount = 0
        while byteCount < Self.transactionByteCount {
            guard let section = try Self.next(reader) else { return false }
            try take(section, reader.key, reader.value)
            try cursors.append(section, reader.key, reader.value)
            byteCount += reader.key.byteCount + reader.value.byteCount
        }
        if let afterStep, !afterStep(byteCount) { throw StoreError(.cancelled, reader.path.string, "restore") }
        return true
    }

    /// Goes to the next row; nil at the end.
    private static func next(_ reader: SnapshotReader) throws(StoreError) -> SnapshotSection? {
        do throws(SnapshotError) {
            return try reader.moveToNext() ? reader.section : nil
        } catch {
            throw StoreError(error)
        }
    }

    /// Checks one row, and adds it to what is compared at the end.
    private mutating func take(_ section: SnapshotSection, _ key: RawSpan, _ value: RawSpan) throws(StoreError) {
        switch section {
        case StoreSection.nodes:
            guard ZnodeRow.verify(key: key, value: value) else { throw refusal("a row of a znode is damaged", key) }
            rowCount += 1
            digest.znodes &+= value.integer(at: 0, UInt64.self)
            do throws(RowError) {
                let (node, data) = try ZnodeRow.peek(value: value)
                if let data { large.expect(node, data) }
            } catch {
                throw refusal(error.description, key)
            }
        case StoreSection.chunks:
            guard large.take(key, value) else { throw refusal("a piece of data is not the one that a row names", key) }
        case StoreSection.system:
            guard StoreMarker.isReplicated(key), let payload = SystemRow.payload(key: key, value: value) else {
                throw refusal("a system row is damaged", key)
            }
            if SystemKey.isInDigest(key) {
                digest.sessions &+= value.integer(at: 0, UInt64.self)
            }
            guard key.byteCount == 1, key.integer(at: 0, UInt8.self) == SystemKey.meta[0] else { return }
            do throws(RowError) { meta = try MetaRow(payload: payload) } catch { throw refusal(error.description, key) }
        default:
            throw refusal("section \(section.rawValue) is not known", key)
        }
    }

    /// Compares all rows with what the snapshot says of itself.
    private mutating func check() throws(StoreError) {
        guard large.isComplete else { throw refusal("pieces of large data are missing") }
        guard let meta else { throw refusal("it lacks the row that says what it is a checkpoint of") }
        guard meta.digest == digest, meta.nodeCount == rowCount, meta.appliedSlot == reader.header.slot,
            meta.lastZxid == reader.header.zxid, meta.snapshotDigest == reader.footer.digest
        else { throw refusal("its rows are not those of the slot it claims") }
    }

    private func refusal(_ what: String) -> StoreError {
        StoreError(.damagedSnapshot, reader.path.string, "restore: \(what)")
    }

    private func refusal(_ what: String, _ key: RawSpan) -> StoreError {
        refusal("\(what), key \(hexadecimal(key))")
    }
}

/// The cursors of one transaction of a bulk load.
private struct BulkCursors: ~Copyable, ~Escapable {
    private var nodes: WriteCursor
    private var chunks: WriteCursor
    private var system: WriteCursor

    @_lifetime(borrow transaction)
    init(_ transaction: borrowing WriteTransaction, _ databases: StoreDatabases) throws(StoreError) {
        let nodes = try transaction.storeCursor(databases.nodes)
        let chunks = try transaction.storeCursor(databases.chunks)
        let system = try transaction.storeCursor(databases.system)
        self.nodes = nodes
        self.chunks = chunks
        self.system = system
    }

    @_lifetime(self: copy self)
    mutating func append(_ section: SnapshotSection, _ key: RawSpan, _ value: RawSpan) throws(StoreError) {
        do throws(LMDBError) {
            switch section {
            case StoreSection.nodes: try nodes.append(key, value)
            case StoreSection.chunks: try chunks.append(key, value)
            default: try system.append(key, value)
            }
        } catch {
            throw StoreError(error, key: key)
        }
    }
}

extension WriteTransaction {
    @_lifetime(borrow self)
    fileprivate func storeCursor(_ database: Database) throws(StoreError) -> WriteCursor {
        do throws(LMDBError) { return try cursor(database) } catch { throw StoreError(error) }
    }
}
