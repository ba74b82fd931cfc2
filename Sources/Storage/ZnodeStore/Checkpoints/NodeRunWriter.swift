internal import CoreTypes
internal import LMDB
internal import ZnodeTree

/// Writes rows of znodes that come in key order, so that pages end up full.
///
/// LMDB splits a full page in the middle, unless the new row comes last in it: then the old page stays full and the row
/// begins a new one. Children that are added to many parents in turn come behind their siblings, but before the next
/// parent's children in the same page, so that every page would stay half empty (measured: 287 bytes of file for a row
/// that needs 159). So once a *gap* between two rows that were there has taken a few new ones, the rows behind it in the
/// page are taken out and put back when the gap is done: the new ones come last in their page.
struct NodeRunWriter: ~Copyable, ~Escapable {
    private var cursor: WriteCursor
    /// The greatest key before this transaction; empty when there was none.
    private let lastKey = ByteBuilder(capacity: ZnodeKey.byteCountMax)
    /// Keys are beyond `lastKey` from now on.
    private var isAppending = false
    /// The key of the row behind the gap that rows are put into; empty when they are not put into one.
    private let gapEnd = ByteBuilder(capacity: ZnodeKey.byteCountMax)
    private var gapRowCount = 0
    /// Rows that were taken out: count of key, count of value, key, value.
    private let tail = ByteBuilder(capacity: 8_192)

    /// New rows in a gap before the rows behind it are taken out: fewer are not worth the work.
    private static let gapRowCountMin = 8
    /// Bytes that are taken out at most: a page of them.
    private static let tailByteCountMax = 4_096
    /// Rows further apart in memory than this are not in one page.
    private static let pageByteCount: UInt = 4_096

    @_lifetime(copy cursor)
    init(_ cursor: consuming WriteCursor) throws(LMDBError) {
        var cursor = cursor
        if try cursor.moveToLast() { lastKey.append(cursor.key) }
        isAppending = lastKey.count == 0
        self.cursor = cursor
    }

    /// Goes to where a row belongs, whose key is greater than all before.
    ///
    /// - Returns: whether a row of that key is there; `key` and `value` are its then.
    @_lifetime(self: copy self)
    mutating func seek(_ key: RawSpan) throws(LMDBError) -> Bool {
        if isAppending { return false }
        let (lastKey, gapEnd) = (lastKey, gapEnd)
        if gapEnd.count > 0 {
            if key.precedes(gapEnd.bytes) { return false }
            try endGap()
        }
        if lastKey.bytes.precedes(key) {
            isAppending = true
            return false
        }
        guard try cursor.move(toOrAfter: key) else { return false }
        if cursor.key.equals(key) { return true }
        gapEnd.append(cursor.key)
        return false
    }

    /// The key of the row that `seek` found.
    var key: RawSpan {
        @_lifetime(borrow self)
        get { cursor.key }
    }

    /// The value of the row that `seek` found.
    var value: RawSpan {
        @_lifetime(borrow self)
        get { cursor.value }
    }

    /// Puts the row that `seek` was called for.
    @_lifetime(self: copy self)
    mutating func put(_ key: RawSpan, _ value: RawSpan) throws(LMDBError) {
        if isAppending { return try cursor.append(key, value) }
        try cursor.put(key, value)
        guard gapEnd.count > 0 else { return }
        gapRowCount += 1
        if gapRowCount == Self.gapRowCountMin { try takeTail() }
    }

    /// Removes the row that `seek` found.
    @_lifetime(self: copy self)
    mutating func removeFound() throws(LMDBError) { try cursor.removeCurrent() }

    /// Puts back what was taken out; before the commit.
    @_lifetime(self: copy self)
    mutating func finish() throws(LMDBError) { try endGap() }

    /// Takes the rows out that stand behind the gap, in the page of the row put last.
    @_lifetime(self: copy self)
    private mutating func takeTail() throws(LMDBError) {
        guard try cursor.readCurrent() else { return }
        var address = cursor.rowAddress
        while tail.count < Self.tailByteCountMax {
            guard try cursor.moveToNext(), isNear(address, cursor.rowAddress) else { return }
            address = cursor.rowAddress
            tail.append(littleEndian: UInt32(cursor.key.byteCount))
            tail.append(littleEndian: UInt32(cursor.value.byteCount))
            tail.append(cursor.key)
            tail.append(cursor.value)
            try cursor.removeCurrent()
        }
    }

    private func isNear(_ left: UInt, _ right: UInt) -> Bool {
        (left > right ? left - right : right - left) < Self.pageByteCount
    }

    /// The rows behind the gap come back, in order.
    @_lifetime(self: copy self)
    private mutating func endGap() throws(LMDBError) {
        gapRowCount = 0
        gapEnd.removeAll()
        guard tail.count > 0 else { return }
        let tail = tail
        let bytes = tail.bytes
        var offset = 0
        while offset < bytes.byteCount {
            let keyCount = Int(bytes.integer(at: offset, UInt32.self))
            let valueCount = Int(bytes.integer(at: offset + 4, UInt32.self))
            let keyEnd = offset + 8 + keyCount
            try cursor.put(
                bytes.extracting((offset + 8)..<keyEnd), bytes.extracting(keyEnd..<(keyEnd + valueCount)))
            offset = keyEnd + valueCount
        }
        tail.removeAll()
    }
}
