import PosixIO
import SystemPackage

/// An empty directory of the real file system for one test, removed with its files at the end.
final class TemporaryDirectory {
    let path: FilePath
    let fileSystem = RealFileSystem()

    init(_ name: String) throws {
        path = FilePath("/tmp/aviary-\(name)-\(MonotonicClock.nanoseconds)")
        try fileSystem.createDirectory(path)
    }

    deinit {
        let names = (try? fileSystem.list(path)) ?? []
        for name in names { try? fileSystem.remove(path.appending(name)) }
    }
}

/// Reads the first bytes of a file.
func read(_ file: any File, count: Int, at offset: UInt64 = 0) throws -> [UInt8] {
    let buffer = AlignedBuffer(byteCount: max(count, 1))
    var span = buffer.mutableBytes(0..<count)
    let got = try file.read(into: &span, at: offset)
    let bytes = buffer.bytes(0..<got)
    return (0..<got).map { bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
}

extension File {
    /// Writes the bytes of an array.
    func write(_ bytes: [UInt8], at offset: UInt64) throws(FileError) {
        try write(bytes.span.bytes, at: offset)
    }
}
