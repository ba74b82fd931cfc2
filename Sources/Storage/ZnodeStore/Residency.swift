internal import LMDB
internal import PosixIO
internal import Synchronization
internal import SystemPackage

/// Keeps the pages of the file that stand in this process's page tables below a bound.
///
/// They are clean pages of the page cache, which the kernel could take at any time; but they count as this process's
/// memory, and the kernel has no bound of that kind.
final class Residency: Sendable {
    private let environment: Environment
    private let byteCountMax: Int
    /// `/proc/self/statm`, kept open; nil where there is none.
    private let statistics: (any File)?
    /// Bytes of mapped files before this store was opened: the program itself.
    private let baseByteCount: Int
    private let releaseCount = Atomic(0)

    private static let pageByteCount = 4_096

    init(_ environment: Environment, byteCountMax: Int) {
        self.environment = environment
        self.byteCountMax = byteCountMax
        statistics = try? RealFileSystem().open("/proc/self/statm", [])
        baseByteCount = Self.read(statistics) ?? 0
    }

    /// Bytes of the file in the page tables, about; nil where the kernel does not say.
    var byteCount: Int? { Self.read(statistics).map { max($0 - baseByteCount, 0) } }

    /// How often they were released.
    var releases: Int { releaseCount.load(ordering: .relaxed) }

    /// Releases them when they are too many. Costs about 2 µs when they are not. Any thread.
    func releaseIfNeeded() {
        if let byteCount, byteCount > byteCountMax { release() }
    }

    /// Releases them. A failure changes nothing but a figure, so it is not reported.
    func release() {
        releaseCount.wrappingAdd(1, ordering: .relaxed)
        try? environment.releaseResidentPages()
    }

    /// The third number of the file: resident pages that belong to files.
    private static func read(_ statistics: (any File)?) -> Int? {
        guard let statistics else { return nil }
        var bytes: InlineArray<128, UInt8> = InlineArray(repeating: 0)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        guard let count = try? statistics.read(into: &raw, at: 0) else { return nil }
        var field = 0
        var pages = 0
        for offset in 0..<count {
            let byte = unsafe raw.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            if byte == UInt8(ascii: " ") {
                field += 1
                if field == 3 { return pages * pageByteCount }
            } else if field == 2, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                pages = pages * 10 + Int(byte - UInt8(ascii: "0"))
            }
        }
        return nil
    }
}
