import CoreTypes
import PosixIO
import SnapshotFile
import Synchronization
import SystemPackage
import Testing

@Suite("A snapshot that is interrupted")
struct CrashTests {
    private let path = directory.appending("snapshot")

    @Test("by a crash at any change of the disk, whatever survives, is either whole under its name or has none")
    func crashes() throws {
        let fileSystem = try makeFileSystem()
        let images = Mutex<[DiskImage]>([])
        fileSystem.observe { _, image in images.withLock { $0.append(image) } }
        var pace = SnapshotPace()
        pace.blockByteCount = 3_000
        pace.syncByteCount = 6_000
        let rows = sampleRows(40, seed: 4)
        try write(rows, to: path, on: fileSystem, pace: pace)
        fileSystem.observe(nil)
        var random = SplitMix64(seed: 5)
        var outcomes = Set<Bool>()
        for image in images.withLock({ $0 }) + [fileSystem.image] {
            for subset in subsets(of: image.unsyncedChanges.count, using: &random) {
                let crashed = image.crashed { subset[$0] ? .kept : .lost }
                let after = MemoryFileSystem(image: crashed)
                let isThere = try after.exists(path)
                outcomes.insert(isThere)
                if isThere { #expect(try readRows(SnapshotReader(path, fileSystem: after)) == rows) }
            }
        }
        #expect(outcomes == [true, false])
        let last = MemoryFileSystem(image: fileSystem.image.crashed { _ in .lost })
        #expect(try last.exists(path), "what finish returned for is durable")
    }

    @Test(
        "by a full disk or a broken one says so, leaves no file, and can be tried again",
        arguments: [FileOperation.create, .write, .sync, .rename, .syncDirectory], [Errno.noSpace, .ioError])
    func failures(operation: FileOperation, errno: Errno) throws {
        let fileSystem = try makeFileSystem()
        fileSystem.inject(FaultInjection(operation, errno: errno))
        let rows = sampleRows(10, seed: 6)
        let error = #expect(throws: SnapshotError.self) { try write(rows, to: path, on: fileSystem) }
        #expect(error?.isOutOfSpace == (errno == .noSpace))
        #expect(error.map { "\($0)" }?.contains("/snapshots") == true)
        #expect(fileSystem.image.paths.filter { $0 != path }.isEmpty)
        try write(rows, to: path, on: fileSystem)
        #expect(try readRows(SnapshotReader(path, fileSystem: fileSystem)) == rows)
    }

    /// All subsets of up to eight changes; beyond that every prefix, every single loss, and seeded ones.
    private func subsets(of count: Int, using random: inout SplitMix64) -> [[Bool]] {
        if count <= 8 { return (0..<(1 << count)).map { mask in (0..<count).map { mask & (1 << $0) != 0 } } }
        let prefixes = (0...count).map { kept in (0..<count).map { $0 < kept } }
        let losses = (0..<count).map { lost in (0..<count).map { $0 != lost } }
        let drawn = (0..<16).map { _ in (0..<count).map { _ in Bool.random(using: &random) } }
        return prefixes + losses + drawn
    }
}

@Suite("A directory of snapshots")
struct SnapshotDirectoryTests {
    private func make(_ slots: [UInt64]) throws -> (MemoryFileSystem, SnapshotDirectory) {
        let fileSystem = try makeFileSystem()
        let snapshots = SnapshotDirectory(directory, fileSystem: fileSystem)
        for slot in slots {
            var header = sampleHeader
            header.slot = Slot(rawValue: slot)
            try write(sampleRows(5, seed: slot), to: snapshots.path(of: header.slot), on: fileSystem, header: header)
        }
        return (fileSystem, snapshots)
    }

    @Test("lists them newest first, whatever else lies there")
    func lists() throws {
        let (fileSystem, snapshots) = try make([9, 10, 1_000])
        for name in ["notes", "snapshot-12", "snapshot-0000000000000000000x", "snapshot-00000000000000000011.new"] {
            _ = try fileSystem.open(directory.appending(name), [.create])
        }
        #expect(try snapshots.slots().map(\.rawValue) == [1_000, 10, 9])
        #expect(snapshots.path(of: Slot(rawValue: 10)).string == "/snapshots/snapshot-00000000000000000010")
        try snapshots.removeTemporaries()
        #expect(try fileSystem.list(directory).contains("snapshot-00000000000000000011.new") == false)
        #expect(try fileSystem.list(directory).contains("notes"))
    }

    @Test("finds the newest good one and says what is wrong with those that are newer")
    func newest() throws {
        let (fileSystem, snapshots) = try make([1, 2, 3])
        #expect(try snapshots.newestVerified().slot == Slot(rawValue: 3))
        var image = fileSystem.image
        image.damage(snapshots.path(of: Slot(rawValue: 3)), at: 200, flipping: 1)
        let damaged = SnapshotDirectory(directory, fileSystem: MemoryFileSystem(image: image))
        let found = try damaged.newestVerified()
        #expect(found.slot == Slot(rawValue: 2))
        #expect(found.faults.map(\.path) == [snapshots.path(of: Slot(rawValue: 3))])
    }

    @Test("says that there is none, and why the newest is not good")
    func none() throws {
        let (fileSystem, snapshots) = try make([1])
        var image = fileSystem.image
        image.damage(snapshots.path(of: Slot(rawValue: 1)), at: 130, flipping: 1)
        let damaged = SnapshotDirectory(directory, fileSystem: MemoryFileSystem(image: image))
        let error = #expect(throws: SnapshotError.self) { try damaged.newestVerified() }
        #expect(error?.kind == .noSnapshot)
        #expect(error?.field.contains("block 0") == true)
    }

    @Test("does not take a file for the snapshot of another slot")
    func renamed() throws {
        let (fileSystem, snapshots) = try make([1])
        try fileSystem.rename(snapshots.path(of: Slot(rawValue: 1)), to: snapshots.path(of: Slot(rawValue: 7)))
        let error = #expect(throws: SnapshotError.self) { try snapshots.verify(Slot(rawValue: 7)) }
        #expect(error?.field.contains("contradicts") == true)
    }

    @Test("keeps the newest few, durably, and at least one")
    func keeps() throws {
        let (fileSystem, snapshots) = try make([1, 2, 3, 4])
        #expect(try snapshots.keepNewest(2).map(\.rawValue) == [2, 1])
        #expect(try snapshots.slots().map(\.rawValue) == [4, 3])
        try snapshots.keepNewest(0)
        let after = MemoryFileSystem(image: fileSystem.image.crashed { _ in .lost })
        #expect(try SnapshotDirectory(directory, fileSystem: after).slots().map(\.rawValue) == [4])
    }
}
