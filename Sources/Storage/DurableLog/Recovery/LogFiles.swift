internal import CoreTypes
internal import PosixIO
internal import SystemPackage

/// The files of a log as they are found: names, headers, nothing judged but what makes a header a header.
struct LogFiles {
    struct Segment {
        var header: SegmentHeader
        var path: FilePath
        var file: any File
        /// The offset of a copy of the header that is damaged while the other one is whole.
        var damagedHeaderOffset: UInt64?
    }

    /// Ascending by ordinal, without gaps.
    private(set) var segments: [Segment] = []
    private(set) var spares: [FilePath] = []
    /// Files that a preparation left unfinished.
    private(set) var unfinished: [FilePath] = []

    /// Lists a directory and reads all headers. With `isSyncing`, every segment is synced before it is read, so that
    /// nothing is acted on that only the page cache knows.
    init(_ fileSystem: any FileSystem, _ directory: FilePath, isSyncing: Bool) throws(LogError) {
        let names = try LogError.mapping { () throws(FileError) in try fileSystem.list(directory) }
        for name in names {
            let path = directory.appending(name)
            switch SegmentName(name) {
            case .log(let ordinal): try add(fileSystem, directory, path, ordinal, isSyncing)
            case .spare: spares.append(path)
            case .new: unfinished.append(path)
            case .cut, nil: continue
            }
        }
    }

    private mutating func add(
        _ fileSystem: any FileSystem, _ directory: FilePath, _ path: FilePath, _ ordinal: UInt64, _ isSyncing: Bool
    ) throws(LogError) {
        if let last = segments.last, ordinal != last.header.ordinal + 1 {
            let missing = SegmentName.log(last.header.ordinal + 1).string
            throw .missingSegment(path: directory.appending(missing))
        }
        let file = try LogError.mapping { () throws(FileError) in
            if isSyncing { try fileSystem.open(path, .write).syncAll() }
            return try fileSystem.open(path, [])
        }
        segments.append(try Self.read(file, path, ordinal))
    }

    /// Reads both copies of a header; one that is whole is enough.
    static func read(_ file: any File, _ path: FilePath, _ ordinal: UInt64) throws(LogError) -> Segment {
        let byteCount = try LogError.mapping { () throws(FileError) in try file.byteCount() }
        let copies = [0, Layout.groupsEnd(segmentByteCount: max(byteCount, UInt64(Layout.blockByteCount)))]
        var found: SegmentHeader?
        var damagedOffset: UInt64?
        for offset in copies {
            if let header = try header(file, path, ordinal, byteCount, at: offset) {
                found = found ?? header
            } else {
                damagedOffset = offset
            }
        }
        guard let header = found else {
            throw .damaged(LogDamage(path: path, offset: 0, part: .segmentHeader, wasDurable: true))
        }
        guard header.segmentByteCount == byteCount else {
            throw .damaged(LogDamage(path: path, offset: byteCount, part: .fileSize, wasDurable: true))
        }
        return Segment(header: header, path: path, file: file, damagedHeaderOffset: damagedOffset)
    }

    private static func header(
        _ file: any File, _ path: FilePath, _ ordinal: UInt64, _ byteCount: UInt64, at offset: UInt64
    ) throws(LogError) -> SegmentHeader? {
        let window = SegmentWindow(file, byteCount: byteCount, pieceByteCount: Layout.blockByteCount)
        let isLoaded = try LogError.mapping { () throws(FileError) in
            try window.load(offset, Layout.segmentHeaderByteCount)
        }
        guard isLoaded else { return nil }
        do throws(SegmentHeader.Flaw) {
            let header = try SegmentHeader(decoding: window.bytes(offset, Layout.segmentHeaderByteCount))
            guard header.ordinal == ordinal, header.segmentByteCount >= 65_536,
                header.segmentByteCount % UInt64(Layout.blockByteCount) == 0
            else { return nil }
            return header
        } catch {
            if case .newerVersion(let version) = error { throw .newerVersion(path: path, version: version) }
            return nil
        }
    }
}
