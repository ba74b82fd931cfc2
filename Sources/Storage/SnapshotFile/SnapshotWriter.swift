internal import Checksums
internal import CoreTypes
package import PosixIO
package import SystemPackage

/// Writes a snapshot: rows in ascending order go in, a file that is whole and durable comes out, or none.
///
/// Everything is written under a temporary name; `finish` syncs the file, gives it its name and syncs the directory. A
/// crash before that leaves at most the temporary file. Memory: one block of rows and its compressed form. Used by one
/// thread.
package final class SnapshotWriter {
    package let path: FilePath
    private let temporaryPath: FilePath
    private let fileSystem: any FileSystem
    private let file: any File
    private let pace: SnapshotPace
    private let headerChecksum: UInt32
    private let codec = BlockCodec()
    private let rows = ByteBuilder(capacity: 256 * 1024)
    private let lastKey = ByteBuilder(capacity: 1024)
    private let small = ByteBuilder(capacity: 256)
    private var lastSection: SnapshotSection?
    private var footer = SnapshotFooter()
    private var blockRowCount: UInt32 = 0
    private var offset: UInt64 = 0
    private var unsyncedByteCount = 0
    /// Set by `finish`; a writer that goes away without it removes its temporary file.
    private var isFinished = false

    /// Bytes of the file so far.
    package var byteCount: UInt64 { offset }

    /// What a temporary file's name ends with.
    static let temporarySuffix = ".new"

    /// Begins a snapshot that will stand at `path`, in a directory that exists.
    package init(
        _ path: FilePath, header: SnapshotHeader, fileSystem: any FileSystem, pace: SnapshotPace = .init()
    ) throws(SnapshotError) {
        self.path = path
        self.fileSystem = fileSystem
        self.pace = pace
        temporaryPath = path.removingLastComponent().appending(
            (path.lastComponent?.string ?? "") + Self.temporarySuffix)
        headerChecksum = header.append(to: small)
        do throws(FileError) {
            if try fileSystem.exists(temporaryPath) { try fileSystem.remove(temporaryPath) }
            file = try fileSystem.open(temporaryPath, [.write, .create])
        } catch {
            throw SnapshotError(error)
        }
        let small = small
        try write(small.bytes)
    }

    deinit {
        if !isFinished { try? fileSystem.remove(temporaryPath) }
    }

    /// Adds a row. Copies it; O(its bytes).
    ///
    /// - Throws: `.rowOutOfOrder` unless section and key are greater than those of the row before.
    package func append(_ section: SnapshotSection, key: RawSpan, value: RawSpan) throws(SnapshotError) {
        guard let index = section.index, key.byteCount <= SnapshotFormat.keyByteCountMax,
            value.byteCount <= SnapshotFormat.valueByteCountMax
        else { throw refusal(.rowTooLarge) }
        let lastKey = lastKey
        if let lastSection, section < lastSection || (section == lastSection && !lastKey.bytes.precedes(key)) {
            throw refusal(.rowOutOfOrder)
        }
        let byteCount = SnapshotFormat.rowHeaderByteCount + key.byteCount + value.byteCount
        if blockRowCount > 0, rows.count + byteCount > pace.blockByteCount { try closeBlock() }
        rows.append(littleEndian: section.rawValue)
        rows.append(littleEndian: UInt16(key.byteCount))
        rows.append(littleEndian: UInt32(value.byteCount))
        rows.append(key)
        rows.append(value)
        blockRowCount += 1
        footer.rowCounts[index] += 1
        lastSection = section
        lastKey.removeAll()
        lastKey.append(key)
    }

    /// Closes the file with the digest of the state it holds. When this returns the snapshot is whole and durable.
    @discardableResult
    package func finish(digest: UInt64) throws(SnapshotError) -> SnapshotFooter {
        if blockRowCount > 0 { try closeBlock() }
        footer.digest = digest
        let small = small
        small.removeAll()
        footer.append(to: small, headerChecksum: headerChecksum)
        try write(small.bytes)
        do throws(FileError) {
            try file.syncAll()
            try fileSystem.rename(temporaryPath, to: path)
            isFinished = true
            try fileSystem.syncDirectory(path.removingLastComponent())
        } catch {
            throw SnapshotError(error)
        }
        return footer
    }

    private func closeBlock() throws(SnapshotError) {
        let (rows, codec, small) = (rows, codec, small)
        let block = rows.bytes
        let compressedCount = codec.compress(block)
        let stored = if let compressedCount { codec.bytes(compressedCount) } else { block }
        let header = BlockHeader(
            number: UInt32(truncatingIfNeeded: footer.blockCount), storedByteCount: UInt32(stored.byteCount),
            rowByteCount: UInt32(block.byteCount),
            encoding: compressedCount == nil ? SnapshotFormat.Encoding.plain : SnapshotFormat.Encoding.lz4,
            rowCount: blockRowCount, storedChecksum: crc32c(stored, continuing: headerChecksum))
        small.removeAll()
        header.append(to: small, headerChecksum: headerChecksum)
        small.append(stored)
        footer.blockCount += 1
        footer.rowByteCount += UInt64(block.byteCount)
        footer.storedByteCount += UInt64(small.count)
        footer.rowChecksum = crc32c(block, continuing: footer.rowChecksum)
        rows.removeAll()
        blockRowCount = 0
        try write(small.bytes)
        if let afterBlock = pace.afterBlock, !afterBlock(small.count) { throw refusal(.cancelled) }
    }

    private func write(_ bytes: RawSpan) throws(SnapshotError) {
        do throws(FileError) {
            try file.write(bytes, at: offset)
            offset += UInt64(bytes.byteCount)
            unsyncedByteCount += bytes.byteCount
            if unsyncedByteCount >= pace.syncByteCount {
                unsyncedByteCount = 0
                try file.sync()
            }
        } catch {
            throw SnapshotError(error)
        }
    }

    private func refusal(_ kind: SnapshotError.Kind) -> SnapshotError {
        SnapshotError(kind, path, offset: offset, field: "row \(footer.rowCount)")
    }
}
