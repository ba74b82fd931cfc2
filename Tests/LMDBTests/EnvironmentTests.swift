import LMDB
import PosixIO
import SystemPackage
import TestSupport
import Testing

@Suite("An environment")
struct EnvironmentTests {
    @Test("keeps what was committed, over close and open")
    func keepsRows() throws {
        let directory = try ScratchDirectory("lmdb-keeps")
        let path = directory.file("data.mdb").string
        do {
            let environment = try Environment.open(path)
            try environment.commit([(key(1), [1, 2, 3]), (key(2), [])])
        }
        let environment = try Environment.open(path)
        let database = try #require(try environment.database(named: "rows"))
        let transaction = try environment.beginReading()
        #expect(try transaction.bytes(database, key(1)) == [1, 2, 3])
        #expect(try transaction.bytes(database, key(2)) == [])
        #expect(try transaction.bytes(database, key(3)) == nil)
        #expect(try environment.database(named: "others") == nil)
    }

    @Test("is opened once in a process, whatever the path says")
    func opensOnce() throws {
        let directory = try ScratchDirectory("lmdb-once")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let other = directory.path.appending("..").appending(directory.path.lastComponent?.string ?? "")
            .appending("data.mdb").string
        let error = #expect(throws: LMDBError.self) { try Environment.open(other) }
        #expect(error?.kind == .openTwice)
        #expect(error.map { "\($0)" }?.contains("open already") == true)
        withExtendedLifetime(environment) {}
    }

    @Test("can be opened again after it was closed")
    func opensAgain() throws {
        let directory = try ScratchDirectory("lmdb-again")
        for _ in 0..<3 { _ = try Environment.open(directory.file("data.mdb").string) }
    }

    @Test("is readable by its user only")
    func isPrivate() throws {
        let directory = try ScratchDirectory("lmdb-private")
        let environment = try Environment.open(directory.file("data.mdb").string)
        try environment.commit([(key(1), [1])])
        for name in ["data.mdb", "data.mdb-lock"] {
            let mode = try Stat(directory.file(name)).permissions
            #expect(mode == [.ownerRead, .ownerWrite], "\(name)")
        }
    }

    @Test("of a file that is something else is refused with the path in the message")
    func refusesOtherFiles() throws {
        let directory = try ScratchDirectory("lmdb-other")
        try directory.write([UInt8](repeating: 0x41, count: 20_000), to: "data.mdb")
        let path = directory.file("data.mdb").string
        let error = #expect(throws: LMDBError.self) { try Environment.open(path) }
        #expect(error?.kind == .notAnEnvironment)
        #expect(error.map { "\($0)" }?.contains(path) == true)
    }

    @Test("in a directory that is not there is refused with the system's reason")
    func refusesMissingDirectory() throws {
        let error = #expect(throws: LMDBError.self) { try Environment.open("/nowhere/at/all/data.mdb") }
        #expect(error?.kind == .system(2))
    }

    @Test("gives its pages back to the page cache and reads the same afterwards")
    func releasesPages() throws {
        let directory = try ScratchDirectory("lmdb-release")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let value = [UInt8](repeating: 7, count: 1_000)
        let database = try environment.commit((0..<20_000).map { (key($0), value) })
        func readAll() throws -> Int {
            let transaction = try environment.beginReading()
            var cursor = try transaction.cursor(database)
            var byteCount = 0
            while try cursor.moveToNext() { byteCount += cursor.value.byteCount }
            return byteCount
        }
        #expect(try readAll() == 20_000_000)
        let before = try ResidentMemory.read().fileByteCount
        try environment.releaseResidentPages()
        let after = try ResidentMemory.read().fileByteCount
        #expect(before >= after + 15_000_000, "before \(before), after \(after)")
        #expect(try readAll() == 20_000_000)
    }

    @Test("tells its size, its newest transaction, and which pages are free")
    func tellsSizes() throws {
        let directory = try ScratchDirectory("lmdb-sizes")
        let environment = try Environment.open(directory.file("data.mdb").string)
        let value = [UInt8](repeating: 7, count: 1_000)
        let database = try environment.commit((0..<1_000).map { (key($0), value) })
        let first = environment.information
        #expect(first.usedByteCount >= 1_000_000)
        var writing = try environment.beginWriting()
        for number in 0..<UInt64(900) { try writing.remove(database, key(number).span.bytes) }
        try writing.commit()
        #expect(environment.information.lastTransaction == first.lastTransaction + 1)
        let transaction = try environment.beginReading()
        let statistics = try transaction.statistics(database)
        #expect(statistics.entryCount == 100)
        #expect(statistics.overflowPageCount == 0)
        #expect(try transaction.freePageCount() > 200)
    }
}
