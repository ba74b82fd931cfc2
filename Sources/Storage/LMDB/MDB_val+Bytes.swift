internal import CLMDB

extension MDB_val {
    /// The bytes it points at, for as long as the caller knows them to stay.
    @unsafe var bytes: RawSpan {
        @_lifetime(immortal)
        get {
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: mv_data, count: mv_size))
            return unsafe _overrideLifetime(span, borrowing: ())
        }
    }
}

/// Runs a body with a span as LMDB wants it. LMDB does not write through the pointer.
@inline(__always)
func withValue<Result>(_ span: RawSpan, _ body: (inout MDB_val) -> Result) -> Result {
    unsafe span.withUnsafeBytes { bytes in
        var value = unsafe MDB_val(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        return unsafe body(&value)
    }
}

/// `mdb_get`: the code, and the value where the code is 0.
@inline(__always)
@unsafe func get(_ transaction: OpaquePointer, _ database: Database, _ key: RawSpan) -> (Int32, MDB_val) {
    var found = unsafe MDB_val()
    let code = unsafe withValue(key) { unsafe mdb_get(transaction, database.handle, &$0, &found) }
    return unsafe (code, found)
}
