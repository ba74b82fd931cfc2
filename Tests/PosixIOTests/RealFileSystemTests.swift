import PosixIO
import SystemPackage
import Testing

@Suite("The real file system")
struct RealFileSystemTests {
    @Test("what was written is read back, and a read past the end is short")
    func readsBack() throws {
        let directory = try TemporaryDirectory("read")
        let file = try directory.fileSystem.open(directory.path.appending("a"), [.write, .create])
        try file.write([1, 2, 3, 4], at: 2)
        try file.syncAll()
        try directory.fileSystem.syncDirectory(directory.path)
        #expect(try read(file, count: 10) == [0, 0, 1, 2, 3, 4])
        #expect(try file.byteCount() == 6)
        try file.resize(to: 3)
        #expect(try read(file, count: 10) == [0, 0, 1])
    }

    @Test("a file that exists is not created again, and one that does not is not opened")
    func creates() throws {
        let directory = try TemporaryDirectory("create")
        let path = directory.path.appending("a")
        #expect(throws: FileError(.open, path, errno: .noSuchFileOrDirectory)) {
            _ = try directory.fileSystem.open(path, [.write])
        }
        _ = try directory.fileSystem.open(path, [.write, .create])
        #expect(throws: FileError(.create, path, errno: .fileExists)) {
            _ = try directory.fileSystem.open(path, [.write, .create])
        }
        #expect(try directory.fileSystem.exists(path))
    }

    @Test("names are listed in order, renamed over one another and removed")
    func names() throws {
        let directory = try TemporaryDirectory("names")
        let fileSystem = directory.fileSystem
        for name in ["b", "a", "c"] { _ = try fileSystem.open(directory.path.appending(name), [.write, .create]) }
        #expect(try fileSystem.list(directory.path) == ["a", "b", "c"])
        try fileSystem.rename(directory.path.appending("a"), to: directory.path.appending("c"))
        try fileSystem.remove(directory.path.appending("b"))
        #expect(try fileSystem.list(directory.path) == ["c"])
        #expect(throws: FileError.self) { try fileSystem.remove(directory.path.appending("b")) }
    }

    @Test("a file is replaced in one step, and a temporary one left by a crash does not disturb")
    func replaces() throws {
        let directory = try TemporaryDirectory("replace")
        let path = directory.path.appending("a")
        _ = try directory.fileSystem.open(directory.path.appending("a.new"), [.write, .create])
        try directory.fileSystem.replaceFile(path, with: [UInt8]("one".utf8).span.bytes)
        try directory.fileSystem.replaceFile(path, with: [UInt8]("two".utf8).span.bytes)
        #expect(try directory.fileSystem.readFile(path, byteCountMax: 10) == Array("two".utf8))
        #expect(try directory.fileSystem.list(directory.path) == ["a"])
        #expect(throws: FileError.self) { _ = try directory.fileSystem.readFile(path, byteCountMax: 2) }
    }

    @Test("a locked directory is refused to a second opener, who is told who has it, until it is released")
    func locks() throws {
        let directory = try TemporaryDirectory("lock")
        let first = try directory.fileSystem.lockDirectory(directory.path)
        do {
            _ = try directory.fileSystem.lockDirectory(directory.path)
            Issue.record("locked twice")
        } catch {
            guard case .inUse(_, let owner?) = error else { return #expect(Bool(false), "\(error)") }
            #expect(owner.hasPrefix("process "))
            #expect(error.description.contains("is in use by process "))
        }
        first.release()
        try directory.fileSystem.lockDirectory(directory.path).release()
    }

    @Test("a write that failed is final for the file")
    func failureIsFinal() throws {
        let full = try RealFileSystem().open("/dev/full", [.write])
        #expect(throws: FileError(.write, "/dev/full", offset: 0, errno: .noSpace)) { try full.write([1], at: 0) }
        #expect(throws: FileError(.sync, "/dev/full", errno: .noSpace)) { try full.sync() }
    }

    @Test("a symbolic link is refused")
    func links() throws {
        #expect(throws: FileError(.open, "/proc/self/exe", errno: .tooManySymbolicLinkLevels)) {
            _ = try RealFileSystem().open("/proc/self/exe", [])
        }
    }

    @Test("resident memory is read from the system, and from its text")
    func residentMemory() throws {
        #expect(try ResidentMemory.read().byteCount > 1_000_000)
        let memory = ResidentMemory(status: "Name:\tx\nVmRSS:\t  12 kB\nRssAnon:\t 7 kB\nRssFile:\t5 kB\n")
        #expect(memory.byteCount == 12_288)
        #expect(memory.anonymousByteCount == 7_168)
        #expect(memory.fileByteCount == 5_120)
    }
}
