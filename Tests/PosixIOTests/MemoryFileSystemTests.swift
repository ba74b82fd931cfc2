import CoreTypes
import PosixIO
import SystemPackage
import Testing

@Suite("The file system in memory")
struct MemoryFileSystemTests {
    let directory: FilePath = "/d"

    private func make() throws -> MemoryFileSystem {
        let fileSystem = MemoryFileSystem()
        try fileSystem.createDirectory(directory)
        return fileSystem
    }

    /// The file "/d/a", durable and full of zeros.
    private func makeFile(_ fileSystem: MemoryFileSystem, byteCount: Int, _ more: FileOptions = []) throws -> any File {
        let path = directory.appending("a")
        let file = try fileSystem.open(path, [.write, .create])
        try file.write([UInt8](repeating: 0, count: byteCount), at: 0)
        try file.syncAll()
        try fileSystem.syncDirectory(directory)
        return try fileSystem.open(path, more.union(.write))
    }

    private func bytes(_ image: DiskImage) -> [UInt8] { image.bytes(of: directory.appending("a")) }

    @Test("unsynced blocks survive a crash in any combination, and synced ones always")
    func anyCombination() throws {
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 3 * 4096)
        for block in 0..<3 { try file.write([UInt8(block + 1)], at: UInt64(block) * 4096) }
        let image = fileSystem.image
        #expect(image.unsyncedChanges.count == 3)
        for subset in 0..<8 {
            let crashed = bytes(image.crashed { subset & (1 << $0) != 0 ? .kept : .lost })
            for block in 0..<3 {
                #expect(crashed[block * 4096] == (subset & (1 << block) != 0 ? UInt8(block + 1) : 0))
            }
        }
        try file.sync()
        #expect(fileSystem.image.unsyncedChanges.isEmpty)
        #expect(bytes(fileSystem.image.crashed { _ in .lost })[4096] == 2)
    }

    @Test("a torn block keeps some of its sectors")
    func torn() throws {
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 4096)
        try file.write([UInt8](repeating: 7, count: 4096), at: 0)
        let crashed = bytes(fileSystem.image.crashed { _ in .torn(sectors: 0b10) })
        #expect(crashed[511] == 0 && crashed[512] == 7 && crashed[1023] == 7 && crashed[1024] == 0)
    }

    @Test("a write that waits for the disk is durable when it returns, and not before")
    func dataSync() throws {
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 8192, [.dataSync, .direct])
        let seen = Mailbox<DiskImage>()
        fileSystem.observe { _, image in seen.post(image) }
        try file.write([UInt8](repeating: 9, count: 8192), at: 0)
        #expect(bytes(fileSystem.image.crashed { _ in .lost })[4096] == 9)
        var images: [DiskImage] = []
        seen.drain(into: &images)
        #expect(images.count == 1)
        #expect(images[0].unsyncedChanges.count == 2)
        #expect(bytes(images[0].crashed { _ in .lost })[4096] == 0)
        #expect(throws: FileError.self) { try file.write([1], at: 0) }
    }

    @Test("a name is durable only after its directory was synced")
    func names() throws {
        let fileSystem = try make()
        let path = directory.appending("a")
        let file = try fileSystem.open(path, [.write, .create])
        try file.write([1], at: 0)
        try file.syncAll()
        #expect(fileSystem.image.crashed { _ in .lost }.paths.isEmpty)
        try fileSystem.syncDirectory(directory)
        #expect(fileSystem.image.crashed { _ in .lost }.paths == [path])
        try fileSystem.rename(path, to: directory.appending("b"))
        #expect(fileSystem.image.crashed { _ in .lost }.paths == [path])
        #expect(fileSystem.image.crashed { _ in .kept }.paths == [directory.appending("b")])
        try fileSystem.remove(directory.appending("b"))
        #expect(fileSystem.image.paths.isEmpty)
        #expect(fileSystem.image.crashed { $0 == 0 ? .kept : .lost }.paths == [directory.appending("b")])
    }

    @Test("the size of a file is lost without a sync")
    func sizes() throws {
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 4096)
        try file.write([5], at: 4096)
        #expect(bytes(fileSystem.image.crashed { _ in .lost }).count == 4096)
        try file.sync()
        #expect(bytes(fileSystem.image.crashed { _ in .lost }).count == 4097)
        try file.resize(to: 1)
        #expect(bytes(fileSystem.image).count == 1)
        try file.resize(to: 4097)
        #expect(bytes(fileSystem.image).last == 0)
    }

    @Test("the n-th call of a kind fails as asked, and a failed write leaves what was asked of it")
    func faults() throws {
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 4096)
        fileSystem.inject(FaultInjection(.write, ordinal: 2, errno: .ioError, shortByteCount: 1))
        try file.write([1, 1], at: 0)
        #expect(throws: FileError(.write, file.path, offset: 2, errno: .ioError)) { try file.write([2, 2], at: 2) }
        #expect(throws: FileError(.write, file.path, offset: 8, errno: .ioError)) { try file.write([3], at: 8) }
        #expect(try read(file, count: 10) == [1, 1, 2, 0, 0, 0, 0, 0, 0, 0])
        let other = try fileSystem.open(file.path, [.write])
        fileSystem.inject(FaultInjection(.read, errno: .ioError, isPersistent: true, offsets: 5..<6))
        #expect(try read(other, count: 5).count == 5)
        #expect(throws: FileError.self) { _ = try read(other, count: 6) }
        #expect(throws: FileError.self) { _ = try read(other, count: 6) }
    }

    @Test("what a failed sync left behind is not saved by a later one")
    func failedSync() throws {
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 4096)
        try file.write([1], at: 0)
        fileSystem.inject(FaultInjection(.sync, errno: .ioError))
        #expect(throws: FileError.self) { try file.sync() }
        try fileSystem.open(file.path, [.write]).sync()
        #expect(bytes(fileSystem.image.crashed { _ in .lost })[0] == 0)
        #expect(bytes(fileSystem.image.crashed { _ in .kept })[0] == 1)
    }

    @Test("a full disk refuses growth and nothing else")
    func full() throws {
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 4096)
        fileSystem.limit(toByteCount: 4096)
        try file.write([1], at: 4095)
        #expect(try fileSystem.freeByteCount(directory) == 0)
        #expect(throws: FileError(.write, file.path, offset: 4096, errno: .noSpace)) { try file.write([1], at: 4096) }
    }

    @Test("a directory is locked for one opener")
    func locks() throws {
        let fileSystem = try make()
        let lock = try fileSystem.lockDirectory(directory)
        #expect(throws: DirectoryLockError.self) { _ = try fileSystem.lockDirectory(directory) }
        lock.release()
        try fileSystem.lockDirectory(directory).release()
    }

    @Test("random writes read back as from one array", arguments: [UInt64(1), 2, 3])
    func randomWrites(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let fileSystem = try make()
        let file = try makeFile(fileSystem, byteCount: 0)
        var model: [UInt8] = []
        for _ in 0..<200 {
            let offset = Int(random.next() % 20_000)
            let written = (0..<Int(random.next() % 9_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            guard !written.isEmpty else { continue }
            try file.write(written, at: UInt64(offset))
            if model.count < offset + written.count {
                model += [UInt8](repeating: 0, count: offset + written.count - model.count)
            }
            model.replaceSubrange(offset..<(offset + written.count), with: written)
        }
        #expect(try read(file, count: model.count) == model, "seed \(seed)")
        #expect(bytes(fileSystem.image) == model, "seed \(seed)")
    }
}
