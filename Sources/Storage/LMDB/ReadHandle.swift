internal import CLMDB

/// A read transaction of LMDB that outlives its uses: reset when given back, renewed when taken.
// Safe to share: it belongs to one transaction, or to the pool, which is guarded by a Mutex.
@safe final class ReadHandle: @unchecked Sendable {
    let transaction: OpaquePointer
    /// Cursors that wait for reuse, by database number; a database beyond the last has none kept.
    /// Where the values of the current state may lie.
    var bounds = ValueBounds()
    private var cursors: InlineArray<8, OpaquePointer?>

    init(_ transaction: OpaquePointer) {
        unsafe self.transaction = transaction
        unsafe cursors = InlineArray(repeating: nil)
    }

    /// Takes the cursor kept for a database, to be renewed by the caller.
    func takeCursor(_ database: UInt32) -> OpaquePointer? {
        guard database < 8 else { return nil }
        let cursor = unsafe cursors[Int(database)]
        unsafe cursors[Int(database)] = nil
        return unsafe cursor
    }

    /// Keeps a cursor for the next use, or closes it.
    func giveBack(cursor: OpaquePointer, _ database: UInt32) {
        if database < 8, unsafe cursors[Int(database)] == nil {
            unsafe cursors[Int(database)] = cursor
        } else {
            unsafe mdb_cursor_close(cursor)
        }
    }

    /// Ends the transaction for good; the handle must not be used again.
    func end() {
        for index in 0..<8 {
            if let cursor = unsafe cursors[index] { unsafe mdb_cursor_close(cursor) }
        }
        unsafe mdb_txn_abort(transaction)
    }
}
