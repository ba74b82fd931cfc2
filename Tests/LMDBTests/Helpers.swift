import LMDB
import TestSupport

extension RawSpan {
    /// A copy of the bytes: expectations do not take spans.
    var copied: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// Eight bytes, most significant first, so that numbers sort as keys.
func key(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
}

extension ReadTransaction {
    func bytes(_ database: Database, _ key: [UInt8]) throws -> [UInt8]? {
        guard let value = try value(database, key.span.bytes) else { return nil }
        return value.copied
    }

    /// All keys and values, in order.
    func rows(_ database: Database) throws -> [([UInt8], [UInt8])] {
        var rows: [([UInt8], [UInt8])] = []
        var cursor = try cursor(database)
        while try cursor.moveToNext() { rows.append((cursor.key.copied, cursor.value.copied)) }
        return rows
    }
}

extension Environment {
    /// One transaction that sets rows of one database.
    @discardableResult
    func commit(_ rows: [([UInt8], [UInt8])]) throws -> Database {
        var transaction = try beginWriting()
        let database = try transaction.makeDatabase(named: "rows")
        for (key, value) in rows { try transaction.put(database, key.span.bytes, value.span.bytes) }
        try transaction.commit()
        return database
    }
}
