internal import CoreTypes
internal import PosixIO
internal import Synchronization
internal import SystemPackage

/// Prepares segments ahead of the writer and retires those that nobody needs. Confined to the preparer's thread, or to
/// whoever steps it by hand.
///
/// What it does to a file is durable before the file gets its next name, so that a `log-` file is always whole:
///
/// 1. retire: rename `log-n` to `spare-n`, sync the directory;
/// 2. make: create `spare-n.new`, reserve its blocks, write zeros, sync;
/// 3. prepare: write both headers with a new generation, sync, rename to `log-n`, sync the directory.
final class SegmentPreparer: @unchecked Sendable {
    // Confined to the preparer's thread; what it shares is guarded by `LogShared.lock`.

    enum Outcome: Equatable {
        case worked
        case idle
        /// The disk is full; worth trying again later.
        case shortOfSpace
        case failed
    }

    /// Segments that are to be ready: one to go on in, and one in reserve.
    static let preparedCountWanted = 2
    /// Zeros are written in pieces, so that the writer's syncs do not queue behind them.
    private static let pieceByteCount = 128 * 1024

    private let shared: LogShared
    private let mode: SyncMode
    private var random: LogRandom

    init(_ shared: LogShared, mode: SyncMode, random: LogRandom) {
        self.shared = shared
        self.mode = mode
        self.random = random
    }

    /// Does one piece of work.
    func step() -> Outcome {
        if shared.hasFailed.load(ordering: .acquiring) { return .failed }
        do throws(FileError) {
            if let segment = shared.locked({ shared.catalog.retiring.first }) {
                try retire(segment)
                return .worked
            }
            if shared.locked({ shared.catalog.prepared.count }) < Self.preparedCountWanted {
                try prepare()
                return .worked
            }
            if let surplus = shared.locked({ takeSurplus() }) {
                try shared.fileSystem.remove(surplus)
                return .worked
            }
            return .idle
        } catch {
            return note(error)
        }
    }

    /// Runs until the log is closed or has failed.
    func run() {
        while true {
            if shared.locked({ shared.isClosing }) { return }
            switch step() {
            case .worked: continue
            case .idle: shared.preparerWake.wait()
            case .shortOfSpace: _ = shared.preparerWake.wait(nanoseconds: 1_000_000_000)
            case .failed: return
            }
        }
    }

    private func note(_ error: FileError) -> Outcome {
        guard error.isOutOfSpace else {
            shared.fail(error)
            return .failed
        }
        let wasKnown = shared.locked {
            defer { shared.isShortOfSpace = true }
            return shared.isShortOfSpace
        }
        if !wasKnown {
            shared.writerWake.signal()
            shared.onProgress()
        }
        return .shortOfSpace
    }

    private func takeSurplus() -> FilePath? {
        shared.catalog.spares.count > shared.options.spareCountMax ? shared.catalog.spares.removeLast() : nil
    }

    private func retire(_ segment: LiveSegment) throws(FileError) {
        let spare = shared.directory.appending(SegmentName.spare(segment.ordinal).string)
        // It has the new name already when syncing the directory failed for lack of space the last time.
        if try shared.fileSystem.exists(segment.path) { try shared.fileSystem.rename(segment.path, to: spare) }
        try syncDirectory()
        shared.locked {
            shared.catalog.retiring.removeFirst()
            let isUsable = segment.header.segmentByteCount == UInt64(shared.options.segmentByteCount)
            shared.catalog.spares.insert(spare, at: isUsable ? 0 : shared.catalog.spares.count)
        }
    }

    private func prepare() throws(FileError) {
        let (ordinal, spare) = shared.locked { (shared.catalog.nextOrdinal, shared.catalog.spares.first) }
        let isRecycled: Bool
        let source: FilePath
        if let spare, try isWhole(spare) {
            source = spare
            isRecycled = true
        } else {
            source = try make(ordinal)
            isRecycled = false
        }
        let header = SegmentHeader(
            ordinal: ordinal, generation: Identifier128(using: &random),
            segmentByteCount: UInt64(shared.options.segmentByteCount), identity: shared.identity)
        try writeHeaders(header, to: source)
        let path = shared.directory.appending(SegmentName.log(ordinal).string)
        try shared.fileSystem.rename(source, to: path)
        try syncDirectory()
        let wasShort = shared.locked {
            if isRecycled { shared.catalog.spares.removeFirst() }
            shared.catalog.prepared.append(PreparedSegment(header: header, path: path))
            if isRecycled {
                shared.counters.recycledSegmentCount += 1
            } else {
                shared.counters.createdSegmentCount += 1
            }
            defer { shared.isShortOfSpace = false }
            return shared.isShortOfSpace
        }
        shared.writerWake.signal()
        if wasShort { shared.onProgress() }
    }

    /// Has a spare the size that new segments have? One that has not is removed.
    private func isWhole(_ spare: FilePath) throws(FileError) -> Bool {
        // It has another name already when syncing the directory failed for lack of space the last time.
        if try shared.fileSystem.exists(spare) {
            let byteCount = try shared.fileSystem.open(spare, []).byteCount()
            if byteCount == UInt64(shared.options.segmentByteCount) { return true }
            try shared.fileSystem.remove(spare)
        }
        shared.locked { shared.catalog.spares.removeAll { $0 == spare } }
        return false
    }

    /// Makes a file of zeros whose blocks are on disk.
    private func make(_ ordinal: UInt64) throws(FileError) -> FilePath {
        let path = shared.directory.appending(SegmentName.new(ordinal).string)
        if try shared.fileSystem.exists(path) { try shared.fileSystem.remove(path) }
        do throws(FileError) {
            try fill(path)
        } catch {
            // What was reserved is given back: on a full disk somebody needs it.
            if error.isOutOfSpace { try shared.fileSystem.remove(path) }
            throw error
        }
        return path
    }

    private func fill(_ path: FilePath) throws(FileError) {
        let byteCount = shared.options.segmentByteCount
        try shared.fileSystem.open(path, [.write, .create]).allocate(byteCount: UInt64(byteCount))
        let (file, isDirect) = try openForFilling(path)
        let zeros = AlignedBuffer(byteCount: min(Self.pieceByteCount, byteCount))
        var offset = 0
        while offset < byteCount {
            let count = min(zeros.byteCount, byteCount - offset)
            try file.write(zeros.bytes(0..<count), at: UInt64(offset))
            if !isDirect, !mode.isUnsafe { try file.sync() }
            offset += count
        }
        if !mode.isUnsafe { try file.syncAll() }
    }

    /// Past the page cache if the file system can: nobody reads zeros, and they would push out what is read.
    private func openForFilling(_ path: FilePath) throws(FileError) -> (any File, isDirect: Bool) {
        do throws(FileError) {
            return (try shared.fileSystem.open(path, [.write, .direct]), true)
        } catch {
            guard error.errno == .invalidArgument else { throw error }
            return (try shared.fileSystem.open(path, .write), false)
        }
    }

    private func writeHeaders(_ header: SegmentHeader, to path: FilePath) throws(FileError) {
        let block = AlignedBuffer(byteCount: Layout.blockByteCount)
        header.encode(into: block)
        let file = try shared.fileSystem.open(path, mode == .direct ? [.write, .direct] : .write)
        try file.write(block.bytes(0..<Layout.blockByteCount), at: 0)
        try file.write(
            block.bytes(0..<Layout.blockByteCount), at: Layout.groupsEnd(segmentByteCount: header.segmentByteCount))
        if !mode.isUnsafe { try file.syncAll() }
    }

    private func syncDirectory() throws(FileError) {
        if !mode.isUnsafe { try shared.fileSystem.syncDirectory(shared.directory) }
    }
}
