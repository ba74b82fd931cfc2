internal import CLMDB

/// LMDB's cursor and the row it last came to: what the two cursor types have in common.
@safe struct CursorPlace {
    let pointer: OpaquePointer
    var key: MDB_val
    var value: MDB_val

    private let bounds: ValueBounds

    init(_ pointer: OpaquePointer, _ bounds: ValueBounds) {
        unsafe self.pointer = pointer
        self.bounds = bounds
        unsafe key = MDB_val()
        unsafe value = MDB_val()
    }

    /// Moves; false when there is no such row, and the place is none then.
    mutating func move(_ operation: MDB_cursor_op, _ path: String) throws(LMDBError) -> Bool {
        var key = unsafe key
        var value = unsafe value
        let code = unsafe mdb_cursor_get(pointer, &key, &value, operation)
        unsafe self.key = key
        unsafe self.value = value
        return try arrived(code, path)
    }

    /// To the first row whose key is equal or greater; the empty key stands before all.
    mutating func move(toOrAfter wanted: RawSpan, _ path: String) throws(LMDBError) -> Bool {
        guard wanted.byteCount > 0 else { return try move(MDB_FIRST, path) }
        let pointer = unsafe pointer
        var key = unsafe MDB_val()
        var value = unsafe MDB_val()
        let code = unsafe withValue(wanted) { wanted in
            let code = unsafe mdb_cursor_get(pointer, &wanted, &value, MDB_SET_RANGE)
            unsafe key = wanted
            return code
        }
        unsafe self.key = key
        unsafe self.value = value
        return try arrived(code, path)
    }

    /// Stands nowhere any more.
    mutating func forget() {
        unsafe key = MDB_val()
        unsafe value = MDB_val()
    }

    private mutating func arrived(_ code: Int32, _ path: String) throws(LMDBError) -> Bool {
        if code == 0 {
            if unsafe bounds.contain(value), unsafe bounds.contain(key) { return true }
            forget()
            throw LMDBError(.corrupted, "move cursor", path: path)
        }
        forget()
        if code == MDB_NOTFOUND { return false }
        throw LMDBError(code: code, "move cursor", path: path)
    }
}
