internal import CLMDB

/// A place among the rows of a database, in key order, of one read transaction.
///
/// `key` and `value` lie in the file's map and are valid until the cursor moves or the transaction ends; the compiler
/// checks both.
@safe package struct Cursor: ~Copyable, ~Escapable {
    private var place: CursorPlace
    private let database: Database
    private let handle: ReadHandle
    private let path: String

    @_lifetime(immortal)
    init(_ pointer: OpaquePointer, _ database: Database, _ handle: ReadHandle, _ path: String) {
        unsafe place = CursorPlace(pointer, handle.bounds)
        self.database = database
        self.handle = handle
        self.path = path
    }

    deinit { unsafe handle.giveBack(cursor: place.pointer, database.handle) }

    /// The key of the row the cursor is at; empty when it is at none.
    package var key: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(place.key.bytes, borrowing: self) }
    }

    /// The value of the row the cursor is at; empty when it is at none.
    package var value: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(place.value.bytes, borrowing: self) }
    }

    /// To the first row. False when there is none.
    @_lifetime(self: copy self)
    package mutating func moveToFirst() throws(LMDBError) -> Bool { try place.move(MDB_FIRST, path) }

    /// To the last row. False when there is none.
    @_lifetime(self: copy self)
    package mutating func moveToLast() throws(LMDBError) -> Bool { try place.move(MDB_LAST, path) }

    /// To the next row; from nowhere, to the first. False when there is none.
    @_lifetime(self: copy self)
    package mutating func moveToNext() throws(LMDBError) -> Bool { try place.move(MDB_NEXT, path) }

    /// To the first row whose key is equal or greater, bytes compared as unsigned. False when there is none.
    @_lifetime(self: copy self)
    package mutating func move(toOrAfter key: RawSpan) throws(LMDBError) -> Bool {
        try place.move(toOrAfter: key, path)
    }
}
