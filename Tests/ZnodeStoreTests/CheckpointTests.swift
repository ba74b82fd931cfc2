import CoreTypes
import LMDB
import TestSupport
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ZnodeStore

@Suite("A checkpoint")
struct CheckpointTests {
    @Test("is there after close and open, with sessions and meta")
    func reopen() throws {
        let directory = try ScratchDirectory("store-reopen")
        var digest = TreeDigest()
        do {
            let driver = try StoreDriver(directory.path)
            try driver.open()
            try driver.create("/a", data: [1, 2, 3])
            try driver.create("/a/e", .ephemeral, data: [])
            try driver.create("/a/c", .container, data: nil)
            try driver.checkpoint()
            digest = driver.tree.digest()
            try driver.create("/after")
        }
        let driver = try StoreDriver(directory.path)
        #expect(driver.tree.digest() == digest)
        #expect(try driver.data("/a") == [1, 2, 3])
        #expect(driver.tree.sessionCount == 1)
        #expect(driver.tree.ephemeralCount == 1)
        #expect(throws: TreeFailure.self) { try driver.data("/after") }
    }

    @Test("holds the same rows as the model of a store, whatever was done between")
    func model() throws {
        let seed: UInt64 = 0x5703_E000
        var random = SplitMix64(seed: seed)
        let directory = try ScratchDirectory("store-model")
        let driver = try StoreDriver(directory.path)
        try driver.open()
        var paths = [""]
        for round in 0..<25 {
            for _ in 0..<60 { try step(driver, &paths, &random) }
            try driver.checkpoint()
            #expect(
                try driver.store.nodeRows() == driver.model.rows.map { StoredRow($0) }, "seed \(seed) round \(round)")
            let system = try driver.store.systemRows().filter { $0.key != StoreMarker.key }
            #expect(system == driver.model.systemRows.map { StoredRow($0) }, "seed \(seed) round \(round)")
            #expect(try largeDataCount(driver.store) == driver.model.largeDataCount, "seed \(seed) round \(round)")
            let report = try driver.store.verify()
            #expect(report.findings == [], "seed \(seed) round \(round)")
            #expect(report.rowCount == driver.tree.nodeCount, "seed \(seed) round \(round)")
        }
        #expect(driver.model.largeDataCount > 0)
    }

    /// One random change: creates of every size and name length, sets, deletes.
    private func step(_ driver: StoreDriver, _ paths: inout [String], _ random: inout SplitMix64) throws {
        let path = paths.randomElement(using: &random) ?? ""
        let sizes = [0, 1, 100, 1_024, 1_025, 2_020, 2_021, 4_040, 9_000]
        let size = sizes.randomElement(using: &random) ?? 0
        let data = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: size)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
            let lengths = [1, 2, 3, 20, 485, 486, 487, 502, 503, 504, 600, 3_000]
            let length = lengths.randomElement(using: &random) ?? 1
            let name = String(UInt64.random(in: 0..<40, using: &random)) + String(repeating: "n", count: length)
            if try driver.create(path + "/" + name, data: data) == .ok, path.utf8.count < 6_000 {
                paths.append(path + "/" + name)
            }
        case 5..<8:
            try driver.set(path.isEmpty ? "/" : path, data)
        default:
            if !path.isEmpty, try driver.delete(path) == .ok { paths.removeAll { $0 == path } }
        }
    }

    private func largeDataCount(_ store: ZnodeStore) throws -> Int {
        Set(try store.chunkRows().map { Array($0.key.prefix(8)) }).count
    }

    @Test("with rows beyond the last ones fills pages to the brim")
    func appends() throws {
        let directory = try ScratchDirectory("store-append")
        let driver = try StoreDriver(directory.path)
        try driver.open()
        try driver.create("/p")
        for number in 0..<4_000 {
            try driver.create("/p/" + String(100_000 + number), data: [UInt8](repeating: 7, count: 100))
            if number % 500 == 0 { try driver.checkpoint() }
        }
        try driver.checkpoint()
        let view = try StoreView(driver.store.environment, driver.store.databases)
        let statistics = try view.transaction.statistics(driver.store.databases.nodes)
        let byteCount = try driver.store.nodeRows().reduce(0) { $0 + $1.key.count + $1.value.count + 10 }
        #expect(Double(statistics.leafPageCount * 4_080) < Double(byteCount) * 1.08)
        #expect(statistics.overflowPageCount == 0)
    }

    @Test("that adds to many parents in turn keeps pages full, and the rows behind them where they were")
    func gaps() throws {
        let directory = try ScratchDirectory("store-gaps")
        let driver = try StoreDriver(directory.path)
        try driver.open()
        for parent in 0..<12 { try driver.create("/p\(parent)") }
        var random = SplitMix64(seed: 0x6A95)
        for round in 0..<5 {
            for parent in 0..<12 {
                for child in 0..<Int.random(in: 40..<90, using: &random) {
                    let path = "/p\(parent)/\(1_000 + round)-\(100 + child)"
                    try driver.create(path, data: [UInt8](repeating: 7, count: 100))
                }
                // Changes of rows that stand behind the gap, in the same page.
                try driver.set("/p\(parent)/1000-10\(round % 5)", [UInt8(round)])
                if round == 3, parent % 2 == 0 { try driver.delete("/p\(parent)/1001-102") }
            }
            try driver.checkpoint()
            #expect(try driver.store.nodeRows() == driver.model.rows.map { StoredRow($0) }, "round \(round)")
        }
        #expect(try driver.store.verify().findings == [])
        let view = try StoreView(driver.store.environment, driver.store.databases)
        let statistics = try view.transaction.statistics(driver.store.databases.nodes)
        let byteCount = try driver.store.nodeRows().reduce(0) { $0 + $1.key.count + $1.value.count + 10 }
        #expect(Double(statistics.leafPageCount * 4_080) < Double(byteCount) * 1.3)
    }

    @Test("that writes the same delta twice gives the same rows")
    func twice() throws {
        let directory = try ScratchDirectory("store-twice")
        let driver = try StoreDriver(directory.path)
        try driver.open()
        try driver.create("/a", data: [UInt8](repeating: 1, count: 5_000))
        try driver.checkpoint()
        try driver.set("/a", [UInt8](repeating: 2, count: 7_000))
        try driver.create("/b", data: [UInt8](repeating: 3, count: 3_000))
        let delta = driver.tree.freeze()
        try driver.store.writeCheckpoint(delta)
        let once = (try driver.store.nodeRows(), try driver.store.chunkRows(), try driver.store.systemRows())
        try driver.store.writeCheckpoint(delta)
        #expect(try driver.store.nodeRows() == once.0)
        #expect(try driver.store.chunkRows() == once.1)
        #expect(try driver.store.systemRows() == once.2)
        #expect(try driver.store.verify().findings == [])
    }

    @Test("is reported with what it changed and how long it took")
    func status() throws {
        let directory = try ScratchDirectory("store-status")
        let driver = try StoreDriver(directory.path)
        try driver.open()
        try driver.create("/a", data: [UInt8](repeating: 1, count: 5_000))
        try driver.checkpoint()
        let status = driver.store.status
        #expect(status.checkpointCount == 1 && status.failedCheckpointCount == 0 && status.current == nil)
        let last = try #require(status.last)
        #expect(last.slot == driver.tree.appliedSlot)
        #expect(last.counts.rowCount == 5 && last.counts.chunkCount == 3)
        #expect(last.nanoseconds >= last.commitNanoseconds && last.commitNanoseconds > 0)
        #expect(status.readerCount == 1)
        #expect(status.usedByteCount > 0 && status.usedByteCount < 200_000)
    }

    @Test("that finds no address space left says so, and leaves the one before whole")
    func mapFull() throws {
        let directory = try ScratchDirectory("store-full")
        var options = ZnodeStoreOptions()
        options.mapByteCount = 1 << 20
        let driver = try StoreDriver(directory.path, options: options)
        try driver.open()
        try driver.create("/a")
        try driver.checkpoint()
        let before = try driver.store.nodeRows()
        try driver.create("/b", data: [UInt8](repeating: 1, count: 1_000_000))
        try driver.create("/c", data: [UInt8](repeating: 1, count: 1_000_000))
        let delta = driver.tree.freeze()
        let error = #expect(throws: StoreError.self) { try driver.store.writeCheckpoint(delta) }
        #expect(error?.kind == .mapFull)
        #expect(try driver.store.nodeRows() == before)
        #expect(driver.store.status.failure == error)
        #expect(try driver.store.verify().findings == [])
        // The deltas still answer.
        #expect(try driver.data("/c").count == 1_000_000)
    }
}
