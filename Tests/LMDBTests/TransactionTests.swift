import CoreTypes
import LMDB
import SystemPackage
import TestSupport
import Testing

@Suite("Transactions")
struct TransactionTests {
    @Test("a transaction that is dropped changes nothing")
    func dropped() throws {
        let directory = try ScratchDirectory("lmdb-dropped")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let database = try environment.commit([(key(1), [1])])
        do {
            var transaction = try environment.beginWriting()
            try transaction.put(database, key(1).span.bytes, ([9] as [UInt8]).span.bytes)
            try transaction.put(database, key(2).span.bytes, ([9] as [UInt8]).span.bytes)
        }
        let transaction = try environment.beginReading()
        let rows = try transaction.rows(database)
        #expect(rows.map(\.1) == [[1]])
    }

    @Test("a reader sees one state until it renews")
    func oneState() throws {
        let directory = try ScratchDirectory("lmdb-state")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let database = try environment.commit([(key(1), [1])])
        var transaction = try environment.beginReading()
        let first = transaction.transactionID
        try environment.commit([(key(1), [2])])
        #expect(try transaction.bytes(database, key(1)) == [1])
        try transaction.renew()
        #expect(try transaction.bytes(database, key(1)) == [2])
        #expect(transaction.transactionID == first + 1)
    }

    @Test("read transactions and cursors are reused, and a reused cursor sees the new state")
    func reuse() throws {
        let directory = try ScratchDirectory("lmdb-reuse")
        let environment = try Environment.open(directory.file("data.mdb").string)
        var database = try environment.commit([(key(0), [0])])
        for round in UInt64(1)..<200 {
            database = try environment.commit([(key(round), [UInt8(truncatingIfNeeded: round)])])
            let transaction = try environment.beginReading()
            #expect(try transaction.rows(database).count == Int(round) + 1)
        }
        // 200 transactions one after another used one slot of the table.
        #expect(environment.information.readerCount == 1)
    }

    @Test("more readers at a time than there are slots are refused, and their slots can be used again")
    func readersFull() throws {
        let directory = try ScratchDirectory("lmdb-readers")
        var options = EnvironmentOptions()
        options.readerCountMax = 3
        let environment = try Environment.open(directory.file("data.mdb").string, options: options)
        try environment.commit([(key(1), [1])])
        for _ in 0..<2 {
            let first = try environment.beginReading()
            let second = try environment.beginReading()
            let third = try environment.beginReading()
            let error = #expect(throws: LMDBError.self) { _ = try environment.beginReading() }
            #expect(error?.kind == .readersFull)
            #expect(first.transactionID + second.transactionID == 2 * third.transactionID)
        }
    }

    @Test("a map that is full fails the write and leaves the state before it")
    func mapFull() throws {
        let directory = try ScratchDirectory("lmdb-full")
        var options = EnvironmentOptions()
        options.mapByteCount = 1 << 20
        let environment = try Environment.open(directory.file("data.mdb").string, options: options)
        let database = try environment.commit([(key(1), [1])])
        let value = [UInt8](repeating: 7, count: 1_000)
        let error = #expect(throws: LMDBError.self) {
            try environment.commit((0..<2_000).map { (key($0), value) })
        }
        #expect(error?.kind == .mapFull)
        let transaction = try environment.beginReading()
        let rows = try transaction.rows(database)
        #expect(rows.map(\.1) == [[1]])
    }
}

@Suite("Cursors")
struct CursorTests {
    @Test("a cursor visits rows in the order of their bytes, from any place")
    func order() throws {
        let directory = try ScratchDirectory("lmdb-order")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let names = ["b", "a", "ab", "aa", "\u{ff}", "aaa"]
        let database = try environment.commit(names.map { (Array($0.utf8), Array($0.utf8)) })
        let transaction = try environment.beginReading()
        let sorted = names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(try transaction.rows(database).map(\.0) == sorted)

        var cursor = try transaction.cursor(database)
        var isAtRow = try cursor.move(toOrAfter: Array("aab".utf8).span.bytes)
        #expect(isAtRow)
        var found = cursor.key.copied
        #expect(found == Array("ab".utf8))
        isAtRow = try cursor.move(toOrAfter: ([0xff, 0xff] as [UInt8]).span.bytes)
        #expect(!isAtRow)
        found = cursor.key.copied
        #expect(found == [])
        isAtRow = try cursor.move(toOrAfter: [UInt8]().span.bytes)
        #expect(isAtRow)
        isAtRow = try cursor.moveToLast()
        found = cursor.key.copied
        #expect(isAtRow && found == Array("\u{ff}".utf8))
    }

    @Test("appending takes only keys that are greater than all, and fills pages to the brim")
    func append() throws {
        let directory = try ScratchDirectory("lmdb-append")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let transaction = try environment.beginWriting()
        let database = try transaction.makeDatabase(named: "rows")
        let value = [UInt8](repeating: 7, count: 100)
        func fill(_ transaction: borrowing WriteTransaction) throws {
            var cursor = try transaction.cursor(database)
            for number in UInt64(0)..<10_000 { try cursor.append(key(number).span.bytes, value.span.bytes) }
            var kind: LMDBError.Kind?
            do throws(LMDBError) { try cursor.append(key(5).span.bytes, value.span.bytes) } catch { kind = error.kind }
            #expect(kind == .keyExists)
        }
        try fill(transaction)
        try transaction.commit()
        let reading = try environment.beginReading()
        let statistics = try reading.statistics(database)
        // 8 + 8 + 100 + 2 bytes a row: 34 fit into a page of 4096 - 16.
        #expect(statistics.entryCount == 10_000)
        #expect(statistics.leafPageCount == (10_000 + 33) / 34)
    }

    @Test("removing under a write cursor goes on with the row after")
    func remove() throws {
        let directory = try ScratchDirectory("lmdb-remove")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let database = try environment.commit((0..<1_000).map { (key($0), [1]) })
        let transaction = try environment.beginWriting()
        func thin(_ transaction: borrowing WriteTransaction) throws {
            var cursor = try transaction.cursor(database)
            var isAtRow = try cursor.move(toOrAfter: key(100).span.bytes)
            var removed: UInt64 = 0
            while isAtRow, cursor.key.copied.lexicographicallyPrecedes(key(900)) {
                try cursor.removeCurrent()
                removed += 1
                isAtRow = try cursor.moveToNext()
            }
            #expect(removed == 800)
        }
        try thin(transaction)
        try transaction.commit()
        let reading = try environment.beginReading()
        #expect(try reading.rows(database).map(\.0) == (Array(0..<100) + Array(900..<1_000)).map { key($0) })
    }

    @Test("a store of rows behaves as a sorted dictionary under random operations")
    func model() throws {
        let seed: UInt64 = 0x1DB_5EED
        var random = SplitMix64(seed: seed)
        let directory = try ScratchDirectory("lmdb-model")
        let environment = try Environment.open(directory.file("data.mdb").string)
        var model: [[UInt8]: [UInt8]] = [:]
        var database = try environment.commit([])
        for round in 0..<30 {
            var transaction = try environment.beginWriting()
            database = try transaction.makeDatabase(named: "rows")
            var next = model
            for _ in 0..<100 {
                let key = key(UInt64.random(in: 0..<300, using: &random))
                if Bool.random(using: &random) {
                    let value = [UInt8](
                        repeating: UInt8.random(in: 0...255, using: &random),
                        count: Int.random(in: 0..<1_900, using: &random))
                    try transaction.put(database, key.span.bytes, value.span.bytes)
                    next[key] = value
                } else {
                    let was = try transaction.remove(database, key.span.bytes)
                    #expect(was == (next.removeValue(forKey: key) != nil), "seed \(seed) round \(round)")
                }
            }
            if Int.random(in: 0..<4, using: &random) > 0 {
                try transaction.commit()
                model = next
            } else {
                _ = consume transaction
            }
            let reading = try environment.beginReading()
            let rows = try reading.rows(database)
            let wanted = model.keys.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(rows.map(\.0) == wanted, "seed \(seed) round \(round)")
            #expect(rows.map(\.1) == wanted.map { model[$0] }, "seed \(seed) round \(round)")
        }
    }
}
