internal import CBenchmark
import Glibc

/// Measures what one durable write costs on the disk under a directory, with nothing around it.
package enum DiskFloor {
    /// How a write is made durable. All but `growing` overwrite a file that was filled with zeros, so that no write
    /// changes the file's metadata.
    package enum Mode: String, Sendable, CaseIterable {
        case directSynchronous = "O_DIRECT|O_DSYNC"
        case synchronous = "O_DSYNC"
        case fdatasync = "fdatasync"
        /// The same over a file that is still in the page cache, in the large folios that it was filled in: the kernel
        /// may then write a whole folio, half a megabyte, for each small write.
        case cachedFdatasync = "fdatasync, file in the page cache"
        case growing = "growing file + fdatasync"
        case growingBy100Bytes = "growing by 100 B + fdatasync"

        /// True for the modes that begin with an empty file.
        package var isGrowing: Bool { self == .growing || self == .growingBy100Bytes }
    }

    package static let fileByteCount = 64 << 20

    /// Writes `byteCount` bytes durably, one after another, for `nanoseconds`.
    package static func measure(
        _ mode: Mode, byteCount: Int, directory: String, nanoseconds: UInt64
    ) throws -> LatencyHistogram {
        let path = directory + "/disk-floor"
        unlink(path)
        defer { unlink(path) }
        let isDirect = mode == .directSynchronous
        let file = benchmark_open_file(path, isDirect ? 1 : 0, isDirect || mode == .synchronous ? 1 : 0)
        guard file >= 0 else { throw BenchmarkError.system("open (\(mode.rawValue))", path) }
        defer { close(file) }
        if !mode.isGrowing {
            try fillWithZeros(path, byteCount: fileByteCount, isKeptInCache: mode == .cachedFdatasync)
        }
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 4096)
        defer { buffer.deallocate() }
        memset(buffer, 0x5a, byteCount)
        let written = mode == .growingBy100Bytes ? 100 : byteCount
        var histogram = LatencyHistogram()
        var offset = 0
        let end = monotonicNanoseconds() + nanoseconds
        var before = monotonicNanoseconds()
        while before < end {
            guard pwrite(file, buffer, written, off_t(offset)) == written else {
                throw BenchmarkError.system("write \(written) bytes (\(mode.rawValue)) to", path)
            }
            if mode == .fdatasync || mode == .cachedFdatasync || mode.isGrowing, Glibc.fdatasync(file) != 0 {
                throw BenchmarkError.system("fdatasync", path)
            }
            let after = monotonicNanoseconds()
            histogram.record(after - before)
            before = after
            offset += written
            if !mode.isGrowing && offset + written > fileByteCount { offset = 0 }
        }
        return histogram
    }

    /// Makes the first `byteCount` bytes of a file zeros that are really written, syncs them, and drops them from the
    /// page cache unless they are to stay there.
    static func fillWithZeros(_ path: String, byteCount: Int, isKeptInCache: Bool = false) throws {
        let file = benchmark_open_file(path, 0, 0)
        guard file >= 0 else { throw BenchmarkError.system("open", path) }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var offset = 0
        while offset < byteCount {
            let count = min(zeros.count, byteCount - offset)
            let written = zeros.withUnsafeBytes { pwrite(file, $0.baseAddress, count, off_t(offset)) }
            guard written > 0 else { throw BenchmarkError.system("fill with zeros", path) }
            offset += written
        }
        guard fsync(file) == 0 else { throw BenchmarkError.system("fsync", path) }
        if !isKeptInCache { _ = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) }
    }
}
