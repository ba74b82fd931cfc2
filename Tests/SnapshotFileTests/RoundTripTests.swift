import CoreTypes
import PosixIO
import SnapshotFile
import Synchronization
import SystemPackage
import Testing

@Suite("A snapshot file")
struct RoundTripTests {
    private let path = directory.appending("one")

    @Test("gives back the header and every row", arguments: [1, 100, 4_096, 1 << 20])
    func roundTrip(blockByteCount: Int) throws {
        let fileSystem = try makeFileSystem()
        var pace = SnapshotPace()
        pace.blockByteCount = blockByteCount
        let rows = sampleRows(200, seed: 1)
        let footer = try write(rows, to: path, on: fileSystem, pace: pace)
        let reader = try SnapshotReader(path, fileSystem: fileSystem)
        #expect(reader.header == sampleHeader)
        #expect(reader.footer == footer)
        #expect(try readRows(reader) == rows)
        #expect(footer.rowCount(SnapshotSection(rawValue: 2)) == 200)
        #expect(footer.rowCount == 600)
        #expect(footer.digest == 0xD16E_5700_0000_0001)
        if blockByteCount == 1 { #expect(footer.blockCount == 600) }
    }

    @Test("may hold no row at all")
    func empty() throws {
        let fileSystem = try makeFileSystem()
        try write([], to: path, on: fileSystem)
        let reader = try SnapshotReader(path, fileSystem: fileSystem)
        #expect(try readRows(reader) == [])
        #expect(reader.fileByteCount == 128 + 96)
    }

    @Test("takes values far larger than a block, and refuses those beyond the format")
    func largeRows() throws {
        let fileSystem = try makeFileSystem()
        let rows = [
            Row(section: 1, key: [1], value: []),
            Row(section: 1, key: [2], value: [UInt8](repeating: 9, count: 3_000_000)),
            Row(section: 1, key: [3], value: [1]),
        ]
        try write(rows, to: path, on: fileSystem)
        #expect(try readRows(SnapshotReader(path, fileSystem: fileSystem)) == rows)

        let writer = try SnapshotWriter(directory.appending("two"), header: sampleHeader, fileSystem: fileSystem)
        let error = #expect(throws: SnapshotError.self) {
            try writer.append(Row(section: 1, key: [1], value: [UInt8](repeating: 0, count: 5_000_000)))
        }
        #expect(error?.kind == .rowTooLarge)
    }

    @Test(
        "refuses rows that are not in ascending order",
        arguments: [
            [Row(section: 2, key: [1], value: []), Row(section: 1, key: [2], value: [])],
            [Row(section: 1, key: [1], value: []), Row(section: 1, key: [1], value: [])],
            [Row(section: 1, key: [1, 0], value: []), Row(section: 1, key: [1], value: [])],
        ])
    func order(rows: [Row]) throws {
        let fileSystem = try makeFileSystem()
        let error = #expect(throws: SnapshotError.self) { try write(rows, to: path, on: fileSystem) }
        #expect(error?.kind == .rowOutOfOrder)
        #expect(fileSystem.image.paths.isEmpty, "the temporary file is removed")
    }

    @Test("is synced in small portions, and lets others go first after each block")
    func pace() throws {
        let fileSystem = try makeFileSystem()
        let counter = Counter()
        var pace = SnapshotPace()
        pace.blockByteCount = 10_000
        pace.syncByteCount = 50_000
        pace.afterBlock = { counter.add($0) }
        let rows = (0..<100).map { number -> Row in
            var random = SplitMix64(seed: UInt64(number))
            return Row(
                section: 1, key: [UInt8(number)], value: (0..<9_000).map { _ in .random(in: 0...255, using: &random) })
        }
        let footer = try write(rows, to: path, on: fileSystem, pace: pace)
        #expect(counter.calls == 100)
        #expect(UInt64(counter.sum) == footer.storedByteCount)
        #expect(fileSystem.callCount(.sync) >= 15)
    }

    @Test("is given up when asked to, and leaves nothing behind")
    func cancelled() throws {
        let fileSystem = try makeFileSystem()
        var pace = SnapshotPace()
        pace.blockByteCount = 100
        pace.afterBlock = { _ in false }
        let error = #expect(throws: SnapshotError.self) {
            try write(sampleRows(50, seed: 2), to: path, on: fileSystem, pace: pace)
        }
        #expect(error?.kind == .cancelled)
        #expect(fileSystem.image.paths.isEmpty)
    }

    @Test("a rate limit asks for the time that is left, and does not save up idle time")
    func rateLimit() {
        var limit = RateLimit(byteCountPerSecond: 1_000_000, nowNanoseconds: 0)
        #expect(limit.pause(after: 500_000, nowNanoseconds: 100_000_000) == 400_000_000)
        #expect(limit.pause(after: 0, nowNanoseconds: 600_000_000) == 0)
        #expect(limit.pause(after: 500_000, nowNanoseconds: 20_000_000_000) == 0)
        // One second of credit is left, no more.
        #expect(limit.pause(after: 2_000_000, nowNanoseconds: 20_000_000_000) == 1_000_000_000)
    }
}

/// Counts calls of a closure that is sent to the writer.
final class Counter: Sendable {
    private let state = Mutex((calls: 0, sum: 0))
    var calls: Int { state.withLock { $0.calls } }
    var sum: Int { state.withLock { $0.sum } }

    func add(_ count: Int) -> Bool {
        state.withLock {
            $0.calls += 1
            $0.sum += count
        }
        return true
    }
}
