internal import CLMDB

/// A place among the rows of a database that a write transaction changes.
///
/// `key` and `value` are valid until the next change made through any cursor of the transaction; the compiler checks
/// this only for changes made through this one.
@safe package struct WriteCursor: ~Copyable, ~Escapable {
    private var place: CursorPlace
    private let path: String

    @_lifetime(immortal)
    init(_ pointer: OpaquePointer, _ bounds: ValueBounds, _ path: String) {
        unsafe place = CursorPlace(pointer, bounds)
        self.path = path
    }

    /// The transaction is still open: the cursor's lifetime lies within it.
    deinit { unsafe mdb_cursor_close(place.pointer) }

    /// The key of the row the cursor was moved to.
    package var key: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(place.key.bytes, borrowing: self) }
    }

    /// The value of the row the cursor was moved to.
    package var value: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(place.value.bytes, borrowing: self) }
    }

    /// To the last row. False when there is none.
    @_lifetime(self: copy self)
    package mutating func moveToLast() throws(LMDBError) -> Bool { try place.move(MDB_LAST, path) }

    /// To the next row. False when there is none.
    @_lifetime(self: copy self)
    package mutating func moveToNext() throws(LMDBError) -> Bool { try place.move(MDB_NEXT, path) }

    /// To the first row whose key is equal or greater, bytes compared as unsigned. False when there is none.
    @_lifetime(self: copy self)
    package mutating func move(toOrAfter key: RawSpan) throws(LMDBError) -> Bool {
        try place.move(toOrAfter: key, path)
    }

    /// Reads again the row that the cursor is at, as after `put`. False when it is at none.
    @_lifetime(self: copy self)
    package mutating func readCurrent() throws(LMDBError) -> Bool { try place.move(MDB_GET_CURRENT, path) }

    /// Where in memory the row's key lies: rows of one page lie within 4096 bytes of each other. Only for guesses about
    /// which rows share a page.
    package var rowAddress: UInt { unsafe UInt(bitPattern: place.key.mv_data) }

    /// Sets the value of a key.
    @_lifetime(self: copy self)
    package mutating func put(_ key: RawSpan, _ value: RawSpan) throws(LMDBError) { try put(key, value, 0) }

    /// Adds a row whose key is greater than every other: fills pages to the brim and never searches.
    ///
    /// - Throws: `.keyExists` when the key is not the greatest.
    @_lifetime(self: copy self)
    package mutating func append(_ key: RawSpan, _ value: RawSpan) throws(LMDBError) {
        try put(key, value, UInt32(MDB_APPEND))
    }

    /// Removes the row the cursor was moved to; `moveToNext` then goes to the one after it.
    @_lifetime(self: copy self)
    package mutating func removeCurrent() throws(LMDBError) {
        place.forget()
        try check(unsafe mdb_cursor_del(place.pointer, 0), "remove", path)
    }

    @_lifetime(self: copy self)
    private mutating func put(_ key: RawSpan, _ value: RawSpan, _ flags: UInt32) throws(LMDBError) {
        place.forget()
        let pointer = unsafe place.pointer
        let code = unsafe withValue(key) { key in
            unsafe withValue(value) { unsafe mdb_cursor_put(pointer, &key, &$0, flags) }
        }
        try check(code, "write", path)
    }
}
