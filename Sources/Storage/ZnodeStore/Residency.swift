internal import LMDB
internal import PosixIO
internal import Synchronization
internal import SystemPackage

/// Keeps the pages of the file that stand in this process's page tables below a bound.
///
/// They are clean pages of the page cache, which the kernel could take at any time; but they count as this process's
/// memory, and the kernel has no bound of that kind. Beyond the bound a window that moves through the file is released,
/// an eighth of the bound at a time: what is read often comes back at the cost of a minor fault for every 64 KiB.
final class Residency: Sendable {
    private let environment: Environment
    private let byteCountMax: Int
    /// `/proc/self/statm`, kept open; nil where there is none.
    private let statistics: (any File)?
    /// Bytes of mapped files before this store was opened: the program itself.
    private let baseByteCount: Int
    private let releaseCount = Atomic(0)
    /// Reads since the last look at the end of a checkpoint, about.
    private let readCount = Atomic(0)
    /// What `readCount` was when idleness was asked for last.
    private let idleReadCount = Atomic(-1)
    /// Where in the file the window begins.
    private let windowStart = Atomic(0)

    private static let pageByteCount = 4_096
    private static let windowByteCount = 8 * 1_048_576
    /// Fewer pages than this are not worth a release.
    private static let releasedByteCountMin = 16 * 1_048_576
    /// Fewer reads than this from one checkpoint to the next do not keep pages.
    private static let readCountMin = 16_384

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

    /// Releases pages until they are few enough. Costs about 1 µs when they are. Any thread.
    func releaseIfNeeded() {
        guard let byteCount, byteCount > byteCountMax else { return }
        releaseCount.wrappingAdd(1, ordering: .relaxed)
        let wanted = byteCountMax - byteCountMax / 8
        let windowCount = environment.information.usedByteCount / Self.windowByteCount + 1
        for _ in 0..<windowCount {
            release(windowOf: windowCount)
            if let left = self.byteCount, left <= wanted { return }
        }
    }

    /// Notes that a reader has read, and releases pages if they are too many.
    func noteReads(_ count: Int) {
        readCount.wrappingAdd(count, ordering: .relaxed)
        releaseIfNeeded()
    }

    /// Releases what work that is done has touched, unless there are readers who would miss it.
    func releaseAfterWork() {
        let reads = readCount.exchange(0, ordering: .relaxed)
        if reads < Self.readCountMin { releaseAll() }
    }

    /// Releases all pages if hardly anybody has read since the last call; to be called about once a second.
    func releaseIfIdle() {
        let reads = readCount.load(ordering: .relaxed)
        if idleReadCount.exchange(reads, ordering: .relaxed) == reads { releaseAll() }
    }

    /// Releases all pages, if they are worth the trouble.
    func releaseAll() {
        guard let byteCount, byteCount > Self.releasedByteCountMin else { return }
        releaseCount.wrappingAdd(1, ordering: .relaxed)
        // A failure changes nothing but a figure, so it is not reported.
        try? environment.releaseResidentPages()
    }

    private func release(windowOf windowCount: Int) {
        let number = windowStart.wrappingAdd(1, ordering: .relaxed).oldValue % windowCount
        let start = number * Self.windowByteCount
        try? environment.releaseResidentPages(start..<(start + Self.windowByteCount))
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
