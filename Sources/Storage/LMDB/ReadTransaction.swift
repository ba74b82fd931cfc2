internal import CLMDB
internal import Synchronization

/// One consistent state of an environment, to read from. What it returns lies in the file's map: nothing is copied.
///
/// May move between threads, and is used by one at a time. While it is open no page of its state is reused, so the file
/// grows with every commit: end it, or `renew` it, in good time.
@safe package struct ReadTransaction: ~Copyable {
    let environment: Environment
    let handle: ReadHandle

    init(_ environment: Environment) throws(LMDBError) {
        self.environment = environment
        if let pooled = environment.pool.withLock({ $0.popLast() }) {
            let code = unsafe mdb_txn_renew(pooled.transaction)
            guard code == 0 else {
                pooled.end()
                throw LMDBError(code: code, "begin reading", path: environment.path)
            }
            handle = pooled
        } else {
            var begun: OpaquePointer?
            try check(
                unsafe mdb_txn_begin(environment.pointer, nil, UInt32(MDB_RDONLY), &begun), "begin reading",
                environment.path)
            guard let begun = unsafe begun else { throw LMDBError(.fatal, "begin reading", path: environment.path) }
            handle = unsafe ReadHandle(begun)
        }
        handle.bounds = environment.valueBounds
    }

    deinit {
        unsafe mdb_txn_reset(handle.transaction)
        environment.pool.withLock { $0.append(handle) }
    }

    /// Moves to the newest committed state. Spans and cursors taken before do not outlive this, as the compiler checks.
    package mutating func renew() throws(LMDBError) {
        unsafe mdb_txn_reset(handle.transaction)
        try check(unsafe mdb_txn_renew(handle.transaction), "renew", environment.path)
        handle.bounds = environment.valueBounds
    }

    /// The number of the write transaction whose state this is.
    package var transactionID: UInt64 { UInt64(unsafe mdb_txn_id(handle.transaction)) }

    /// The value of a key, in place; nil when there is none. O(log n), no allocation.
    @_lifetime(borrow self)
    package func value(_ database: Database, _ key: RawSpan) throws(LMDBError) -> RawSpan? {
        let (code, value) = unsafe get(handle.transaction, database, key)
        switch code {
        case 0:
            guard unsafe handle.bounds.contain(value) else {
                throw LMDBError(.corrupted, "read", path: environment.path)
            }
            return unsafe _overrideLifetime(value.bytes, borrowing: self)
        case MDB_NOTFOUND: return nil
        default: throw LMDBError(code: code, "read", path: environment.path)
        }
    }

    /// A cursor over a database, not yet at any row. Reuses an earlier one, so that it costs no allocation.
    @_lifetime(borrow self)
    package func cursor(_ database: Database) throws(LMDBError) -> Cursor {
        if let kept = unsafe handle.takeCursor(database.handle) {
            let code = unsafe mdb_cursor_renew(handle.transaction, kept)
            guard code == 0 else {
                unsafe mdb_cursor_close(kept)
                throw LMDBError(code: code, "renew cursor", path: environment.path)
            }
            return unsafe Cursor(kept, database, handle, environment.path)
        }
        var opened: OpaquePointer?
        try check(
            unsafe mdb_cursor_open(handle.transaction, database.handle, &opened), "open cursor", environment.path)
        guard let opened = unsafe opened else { throw LMDBError(.fatal, "open cursor", path: environment.path) }
        return unsafe Cursor(opened, database, handle, environment.path)
    }

    /// Pages and entries of a database.
    package func statistics(_ database: Database) throws(LMDBError) -> DatabaseStatistics {
        var statistics = MDB_stat()
        try check(
            unsafe mdb_stat(handle.transaction, database.handle, &statistics), "read statistics", environment.path)
        return DatabaseStatistics(statistics)
    }

    /// Pages that are free for reuse, counted from the lists LMDB keeps of them. O(number of such lists).
    package func freePageCount() throws(LMDBError) -> Int {
        var total = 0
        var cursor = try cursor(.free)
        var isAtRow = try cursor.moveToFirst()
        while isAtRow {
            if cursor.value.byteCount >= 8 { total &+= unsafe cursor.value.unsafeLoad(as: Int.self) }
            isAtRow = try cursor.moveToNext()
        }
        return total
    }
}

extension Environment {
    /// Begins to read the newest committed state.
    @available(*, noasync, message: "a read transaction pins pages of the file: do not hold one across an await")
    package func beginReading() throws(LMDBError) -> ReadTransaction { try ReadTransaction(self) }

    /// The database of a name, or nil where it was never made.
    package func database(named name: String) throws(LMDBError) -> Database? {
        var begun: OpaquePointer?
        try check(unsafe mdb_txn_begin(pointer, nil, UInt32(MDB_RDONLY), &begun), "begin reading", path)
        var handle: UInt32 = 0
        let code = unsafe mdb_dbi_open(begun, name, 0, &handle)
        // The handle outlives the transaction only if that is committed.
        let committed = unsafe mdb_txn_commit(begun)
        if code == MDB_NOTFOUND { return nil }
        try check(code, "open database \(name)", path)
        try check(committed, "open database \(name)", path)
        return Database(handle: handle)
    }
}
