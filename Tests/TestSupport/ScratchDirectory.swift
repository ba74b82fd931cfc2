package import PosixIO
package import SystemPackage

/// An empty directory of the real file system for one test, removed with its files at the end.
package final class ScratchDirectory {
    package let path: FilePath
    package let fileSystem = RealFileSystem()

    package init(_ name: String) throws {
        path = FilePath("/tmp/aviary-\(name)-\(MonotonicClock.nanoseconds)")
        try fileSystem.createDirectory(path)
    }

    deinit { removeTree(path, fileSystem) }

    /// The path of a file in it.
    package func file(_ name: String) -> FilePath { path.appending(name) }

    /// All bytes of a file in it.
    package func read(_ name: String) throws -> [UInt8] {
        try fileSystem.readFile(file(name), byteCountMax: 1 << 32)
    }

    /// Gives a file in it these bytes; not durable.
    package func write(_ bytes: [UInt8], to name: String) throws {
        let path = file(name)
        if try fileSystem.exists(path) { try fileSystem.remove(path) }
        let target = try fileSystem.open(path, [.write, .create])
        try target.write(bytes.span.bytes, at: 0)
    }
}
