internal import CLMDB
import Glibc

/// LMDB with nothing around it, straight through its C interface: the floor for a store that is built on it.
///
/// Every call is made from one thread. What LMDB answers is checked; a failure names the call.
final class RawLMDB {
    private var environment: OpaquePointer?
    private var database: MDB_dbi = 0

    /// Makes an empty environment in `directory`, which must exist, with a map of `mapByteCount`.
    init(directory: String, mapByteCount: Int) throws {
        try Self.check("mdb_env_create", mdb_env_create(&environment))
        try Self.check("mdb_env_set_mapsize", mdb_env_set_mapsize(environment, mapByteCount))
        try Self.check("mdb_env_open \(directory)", mdb_env_open(environment, directory, UInt32(MDB_NOTLS), 0o600))
        let transaction = try begin(readOnly: false)
        try Self.check("mdb_dbi_open", mdb_dbi_open(transaction, nil, UInt32(MDB_CREATE), &database))
        try commit(transaction)
    }

    deinit { mdb_env_close(environment) }

    func begin(readOnly: Bool) throws -> OpaquePointer? {
        var transaction: OpaquePointer?
        let flags = readOnly ? UInt32(MDB_RDONLY) : 0
        try Self.check("mdb_txn_begin", mdb_txn_begin(environment, nil, flags, &transaction))
        return transaction
    }

    /// Commits, which syncs twice.
    func commit(_ transaction: OpaquePointer?) throws { try Self.check("mdb_txn_commit", mdb_txn_commit(transaction)) }

    func abort(_ transaction: OpaquePointer?) { mdb_txn_abort(transaction) }

    /// Gives a read transaction up and takes it up again at the newest state.
    func renew(_ transaction: OpaquePointer?) throws {
        mdb_txn_reset(transaction)
        try Self.check("mdb_txn_renew", mdb_txn_renew(transaction))
    }

    func put(
        _ transaction: OpaquePointer?, key: UnsafeMutableRawBufferPointer, value: UnsafeMutableRawBufferPointer,
        isAppend: Bool = false
    ) throws {
        var keyItem = MDB_val(mv_size: key.count, mv_data: key.baseAddress)
        var valueItem = MDB_val(mv_size: value.count, mv_data: value.baseAddress)
        let flags = isAppend ? UInt32(MDB_APPEND) : 0
        try Self.check("mdb_put", mdb_put(transaction, database, &keyItem, &valueItem, flags))
    }

    /// Looks a key up and adds the first and the last byte of its value up, so that the pages are really touched.
    @inline(__always)
    func get(_ transaction: OpaquePointer?, key: UnsafeMutableRawBufferPointer) throws -> Int {
        var keyItem = MDB_val(mv_size: key.count, mv_data: key.baseAddress)
        var valueItem = MDB_val()
        let code = mdb_get(transaction, database, &keyItem, &valueItem)
        guard code == 0, let bytes = valueItem.mv_data, valueItem.mv_size > 0 else {
            throw BenchmarkError("mdb_get: \(String(cString: mdb_strerror(code)))")
        }
        let first = bytes.load(as: UInt8.self)
        let last = bytes.load(fromByteOffset: valueItem.mv_size - 1, as: UInt8.self)
        return Int(first) &+ Int(last)
    }

    private static func check(_ call: String, _ code: Int32) throws {
        guard code == 0 else { throw BenchmarkError("\(call): \(String(cString: mdb_strerror(code)))") }
    }
}
