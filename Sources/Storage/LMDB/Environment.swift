internal import CLMDB
internal import CoreTypes
internal import Synchronization

/// An LMDB data file that is open, with its lock file beside it: one writer, many readers, none of them waiting.
///
/// Opened as a single file (`MDB_NOSUBDIR`), with reader slots bound to transactions and not to threads (`MDB_NOTLS`),
/// so that a read transaction may move between threads as long as one uses it at a time. A commit is durable when it
/// returns: LMDB syncs the pages, then writes the meta page through a descriptor opened with `O_DSYNC`.
///
/// Read transactions are pooled: after the first few, beginning one costs no allocation and no lock of the file.
///
/// - Important: never opened twice in one process (POSIX locks and the reader table would be lost); `open` refuses.
// Safe to share: LMDB's environment is thread-safe, and the pool is guarded by a Mutex.
@safe package final class Environment: @unchecked Sendable {
    /// LMDB's handle; valid until `deinit`.
    let pointer: OpaquePointer
    /// The data file.
    package let path: String
    /// Address space reserved, in bytes.
    package let mapByteCount: Int
    /// Bytes of a page.
    package let pageByteCount: Int
    /// Where the file is mapped; nil where the system does not tell.
    let map: UnsafeMutableRawPointer?
    /// Read transactions that are reset and wait for reuse.
    let pool = Mutex<[ReadHandle]>([])
    private let identity: EnvironmentIdentity

    /// Opens the data file at `path`, and makes it where it does not exist, readable by this user only.
    ///
    /// A new file is neither durable nor even valid after a crash before its first commit: whoever makes one does so
    /// under a temporary name.
    package static func open(_ path: String, options: EnvironmentOptions = .init()) throws(LMDBError) -> Environment {
        let identity = try EnvironmentIdentity(of: path)
        guard EnvironmentIdentity.enter(identity) else { throw LMDBError(.openTwice, "open", path: path) }
        do throws(LMDBError) {
            let pointer = unsafe try openedEnvironment(path, options)
            return unsafe Environment(pointer, path: path, identity: identity)
        } catch {
            EnvironmentIdentity.leave(identity)
            throw error
        }
    }

    /// Whether this process has the data file at `path` open.
    package static func isOpen(_ path: String) throws(LMDBError) -> Bool {
        EnvironmentIdentity.contains(try EnvironmentIdentity(of: path))
    }

    private init(_ pointer: OpaquePointer, path: String, identity: EnvironmentIdentity) {
        var information = unsafe MDB_envinfo()
        unsafe mdb_env_info(pointer, &information)
        var statistics = MDB_stat()
        unsafe mdb_env_stat(pointer, &statistics)
        unsafe self.pointer = pointer
        self.path = path
        self.identity = identity
        mapByteCount = unsafe information.me_mapsize
        pageByteCount = Int(statistics.ms_psize)
        let inode = (try? EnvironmentIdentity.status(of: path, reportedAs: path))?.1 ?? 0
        unsafe map = UnsafeMutableRawPointer(
            bitPattern: unsafe aviary_lmdb_find_map(path, inode, UInt64(mapByteCount)))
    }

    /// Closes the file. Every transaction holds its environment, so none is open by now.
    deinit {
        pool.withLock { handles in
            for handle in handles { handle.end() }
            handles.removeAll()
        }
        unsafe mdb_env_close(pointer)
        EnvironmentIdentity.leave(identity)
    }

    private static func openedEnvironment(
        _ path: String, _ options: EnvironmentOptions
    ) throws(LMDBError) -> OpaquePointer {
        var made: OpaquePointer?
        try check(unsafe mdb_env_create(&made), "create environment", path)
        guard let pointer = unsafe made else { throw LMDBError(.fatal, "create environment", path: path) }
        do throws(LMDBError) {
            unsafe try configure(pointer, path, options)
            return unsafe pointer
        } catch {
            unsafe mdb_env_close(pointer)
            throw error
        }
    }

    private static func configure(
        _ pointer: OpaquePointer, _ path: String, _ options: EnvironmentOptions
    ) throws(LMDBError) {
        var flags = UInt32(MDB_NOSUBDIR | MDB_NOTLS)
        if !options.readsAhead { flags |= UInt32(MDB_NORDAHEAD) }
        if options.isReadOnly { flags |= UInt32(MDB_RDONLY) }
        try check(unsafe mdb_env_set_mapsize(pointer, options.mapByteCount), "reserve the map", path)
        try check(unsafe mdb_env_set_maxdbs(pointer, UInt32(options.databaseCountMax)), "reserve databases", path)
        try check(unsafe mdb_env_set_maxreaders(pointer, UInt32(options.readerCountMax)), "reserve readers", path)
        try check(unsafe mdb_env_open(pointer, path, flags, 0o600), "open", path)
        unsafe aviary_lmdb_explain_assertions(pointer)
        var cleared: Int32 = 0
        try check(unsafe mdb_reader_check(pointer, &cleared), "clear stale readers", path)
    }

    /// Frees the reader slots of processes that died. Returns how many there were.
    @discardableResult
    package func clearStaleReaders() throws(LMDBError) -> Int {
        var cleared: Int32 = 0
        try check(unsafe mdb_reader_check(pointer, &cleared), "clear stale readers", path)
        return Int(cleared)
    }
}
