internal import CLMDB
internal import CoreTypes

/// The one write transaction of an environment: what it changes becomes visible, and durable, all at once at `commit`.
///
/// Bound to the thread that began it. Dropped without `commit`, it changes nothing.
@safe package struct WriteTransaction: ~Copyable {
    let environment: Environment
    /// Nil once committed.
    private var pointer: OpaquePointer?
    /// The kernel's number of the thread that began it.
    private let thread: Int64
    private let bounds: ValueBounds

    init(_ environment: Environment) throws(LMDBError) {
        self.environment = environment
        var begun: OpaquePointer?
        try check(unsafe mdb_txn_begin(environment.pointer, nil, 0, &begun), "begin writing", environment.path)
        unsafe pointer = begun
        bounds = environment.writeBounds
        thread = aviary_lmdb_thread()
    }

    deinit {
        if let pointer = unsafe pointer { unsafe mdb_txn_abort(pointer) }
    }

    /// LMDB's handle, checked to be used on its own thread.
    var open: OpaquePointer {
        get throws(LMDBError) {
            guard let pointer = unsafe pointer else {
                throw LMDBError(.badTransaction, "write", path: environment.path)
            }
            assert(thread == aviary_lmdb_thread(), "a write transaction left its thread")
            return unsafe pointer
        }
    }

    /// The number this transaction will have once committed.
    package var transactionID: UInt64 {
        if let pointer = unsafe pointer { UInt64(unsafe mdb_txn_id(pointer)) } else { 0 }
    }

    /// Writes every change to the file, syncs it, then writes and syncs the meta page that makes them the newest state.
    ///
    /// - Throws: when anything fails, in which case the state before is untouched and still the newest. After `.fatal`, and
    ///   after a failure of the very last write, the environment takes no more writes until it is opened again.
    package consuming func commit() throws(LMDBError) {
        let finished = unsafe try open
        invariant(thread == aviary_lmdb_thread(), "a write transaction is committed by the thread that began it")
        unsafe pointer = nil
        try check(unsafe mdb_txn_commit(finished), "commit", environment.path)
    }

    /// Opens the database of a name, and makes it where it does not exist.
    package func makeDatabase(named name: String) throws(LMDBError) -> Database {
        var handle: UInt32 = 0
        try check(
            unsafe mdb_dbi_open(open, name, UInt32(MDB_CREATE), &handle), "open database \(name)", environment.path)
        return Database(handle: handle)
    }

    /// The value of a key as this transaction sees it; nil when there is none. Valid until the next change.
    @_lifetime(borrow self)
    package func value(_ database: Database, _ key: RawSpan) throws(LMDBError) -> RawSpan? {
        let (code, value) = unsafe get(try open, database, key)
        switch code {
        case 0:
            guard unsafe bounds.contain(value) else { throw LMDBError(.corrupted, "read", path: environment.path) }
            return unsafe _overrideLifetime(value.bytes, borrowing: self)
        case MDB_NOTFOUND: return nil
        default: throw LMDBError(code: code, "read", path: environment.path)
        }
    }

    /// Sets the value of a key.
    package mutating func put(_ database: Database, _ key: RawSpan, _ value: RawSpan) throws(LMDBError) {
        let pointer = unsafe try open
        let code = unsafe withValue(key) { key in
            unsafe withValue(value) { unsafe mdb_put(pointer, database.handle, &key, &$0, 0) }
        }
        try check(code, "write", environment.path)
    }

    /// Removes a key. False when it was not there.
    @discardableResult
    package mutating func remove(_ database: Database, _ key: RawSpan) throws(LMDBError) -> Bool {
        let pointer = unsafe try open
        let code = unsafe withValue(key) { unsafe mdb_del(pointer, database.handle, &$0, nil) }
        if code == MDB_NOTFOUND { return false }
        try check(code, "remove", environment.path)
        return true
    }

    /// A cursor that changes a database; cheaper than `put` for rows that come in key order.
    @_lifetime(borrow self)
    package func cursor(_ database: Database) throws(LMDBError) -> WriteCursor {
        var opened: OpaquePointer?
        try check(unsafe mdb_cursor_open(open, database.handle, &opened), "open cursor", environment.path)
        guard let opened = unsafe opened else { throw LMDBError(.fatal, "open cursor", path: environment.path) }
        return unsafe WriteCursor(opened, bounds, environment.path)
    }
}

extension Environment {
    /// Begins to write; waits while another write transaction is open.
    @available(*, noasync, message: "a write transaction is bound to its thread")
    package func beginWriting() throws(LMDBError) -> WriteTransaction { try WriteTransaction(self) }
}
