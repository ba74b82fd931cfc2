internal import Checksums
internal import CoreTypes
package import PosixIO
package import SystemPackage

/// Reads a snapshot front to back and verifies every byte of it; no length is believed before its checksum.
///
/// Opening reads header and footer. Then `moveToNext` goes from row to row; only when it has returned false is the whole
/// file verified. Memory: one block and its stored form, each at most 4 MiB. Used by one thread.
package final class SnapshotReader {
    package let path: FilePath
    package let header: SnapshotHeader
    /// What the writer counted; the rows are checked against it.
    package let footer: SnapshotFooter
    package let fileByteCount: UInt64
    private let file: any File
    private let headerChecksum: UInt32
    private let codec = BlockCodec()
    private var input: AlignedBuffer
    private var counted = SnapshotFooter()
    /// Where the next block begins in the file.
    private var offset = UInt64(SnapshotFormat.headerByteCount)
    /// Where the block that is being read begins, for errors.
    private var blockOffset: UInt64 = 0
    private var block: BlockHeader?
    private var blockRowsLeft: UInt32 = 0
    private var rowEnd = 0
    private var keyRange = 0..<0
    private var valueRange = 0..<0
    private let lastKey = ByteBuilder(capacity: 1024)

    /// The section of the row the reader is at.
    package private(set) var section: SnapshotSection?

    /// Opens a file and reads its header and footer, so that one that was never finished is refused at once.
    package init(_ path: FilePath, fileSystem: any FileSystem) throws(SnapshotError) {
        self.path = path
        do throws(FileError) {
            file = try fileSystem.open(path, [])
            fileByteCount = try file.byteCount()
        } catch {
            throw SnapshotError(error)
        }
        let footerOffset = fileByteCount - min(fileByteCount, UInt64(SnapshotFormat.footerByteCount))
        let input = AlignedBuffer(byteCount: AlignedBuffer.alignment)
        self.input = input
        let headerCount = try Self.read(file, SnapshotFormat.headerByteCount, at: 0, into: input)
        do throws(SnapshotFault) {
            (header, headerChecksum) = try SnapshotHeader.read(input.bytes(0..<headerCount))
        } catch {
            throw SnapshotError(error.kind, path, offset: error.offset, field: error.field)
        }
        guard footerOffset >= UInt64(SnapshotFormat.headerByteCount) else {
            throw SnapshotError(.truncated, path, offset: fileByteCount, field: "footer")
        }
        let footerCount = try Self.read(file, SnapshotFormat.footerByteCount, at: footerOffset, into: input)
        do throws(SnapshotFault) {
            footer = try SnapshotFooter.read(
                input.bytes(0..<footerCount), headerChecksum: headerChecksum, at: footerOffset)
        } catch {
            throw SnapshotError(error.kind, path, offset: error.offset, field: error.field)
        }
    }

    /// Tells this file from every other one: of its header and of all rows.
    package var checksum: UInt64 { UInt64(headerChecksum) << 32 | UInt64(footer.rowChecksum) }

    /// The key of the row the reader is at; valid until it moves.
    package var key: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(blockBytes.extracting(keyRange), borrowing: self) }
    }

    /// The value of the row the reader is at; valid until it moves.
    package var value: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(blockBytes.extracting(valueRange), borrowing: self) }
    }

    /// To the next row. False at the end, after everything was found to agree with the footer.
    package func moveToNext() throws(SnapshotError) -> Bool {
        if blockRowsLeft == 0 {
            guard rowEnd == Int(block?.rowByteCount ?? 0) else {
                throw damage("end of block \(counted.blockCount - 1)")
            }
            guard offset < fileByteCount - UInt64(SnapshotFormat.footerByteCount) else {
                try checkCounts()
                return false
            }
            try readBlock()
        }
        try parseRow()
        blockRowsLeft -= 1
        return true
    }

    /// Reads everything to the end. Returns when the file is verified.
    package func verify(afterBlock: ((_ byteCount: Int) -> Bool)? = nil) throws(SnapshotError) {
        var seen = counted.storedByteCount
        while try moveToNext() {
            guard counted.storedByteCount != seen, let afterBlock else { continue }
            if !afterBlock(Int(counted.storedByteCount - seen)) {
                throw SnapshotError(.cancelled, path, offset: offset, field: "verification")
            }
            seen = counted.storedByteCount
        }
    }
}

extension SnapshotReader {
    private var blockBytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let count = Int(block?.rowByteCount ?? 0)
            let (codec, input) = (codec, input)
            if block?.encoding == SnapshotFormat.Encoding.lz4 {
                return unsafe _overrideLifetime(codec.bytes(count), borrowing: self)
            }
            return unsafe _overrideLifetime(input.bytes(0..<count), borrowing: self)
        }
    }

    private func readBlock() throws(SnapshotError) {
        let number = UInt32(truncatingIfNeeded: counted.blockCount)
        let end = fileByteCount - UInt64(SnapshotFormat.footerByteCount)
        blockOffset = offset
        guard end - offset >= UInt64(SnapshotFormat.blockHeaderByteCount) else {
            throw damage("header of block \(number)")
        }
        try fill(SnapshotFormat.blockHeaderByteCount, at: offset)
        let input = input
        let block: BlockHeader
        do throws(SnapshotFault) {
            block = try BlockHeader.read(
                input.bytes(0..<SnapshotFormat.blockHeaderByteCount), headerChecksum: headerChecksum, number: number,
                at: offset)
        } catch {
            throw SnapshotError(error.kind, path, offset: error.offset, field: error.field)
        }
        let storedOffset = offset + UInt64(SnapshotFormat.blockHeaderByteCount)
        let storedCount = Int(block.storedByteCount)
        guard end - storedOffset >= UInt64(storedCount) else { throw damage("length of block \(number)") }
        try fill(storedCount, at: storedOffset)
        let filled = self.input
        let stored = filled.bytes(0..<storedCount)
        guard crc32c(stored, continuing: headerChecksum) == block.storedChecksum else {
            throw damage("bytes of block \(number)")
        }
        if block.encoding == SnapshotFormat.Encoding.lz4 {
            let isWhole = codec.decompress(stored, byteCount: Int(block.rowByteCount))
            guard isWhole else { throw damage("compressed bytes of block \(number)") }
        }
        self.block = block
        offset = storedOffset + UInt64(storedCount)
        blockRowsLeft = block.rowCount
        rowEnd = 0
        counted.blockCount += 1
        counted.rowByteCount += UInt64(block.rowByteCount)
        counted.storedByteCount += UInt64(SnapshotFormat.blockHeaderByteCount + storedCount)
        counted.rowChecksum = crc32c(blockBytes, continuing: counted.rowChecksum)
        guard blockRowsLeft > 0 else { throw damage("rows of block \(number)") }
    }

    private func parseRow() throws(SnapshotError) {
        let bytes = blockBytes
        let keyStart = rowEnd + SnapshotFormat.rowHeaderByteCount
        guard keyStart <= bytes.byteCount else { throw damage("row \(counted.rowCount)") }
        let section = SnapshotSection(rawValue: bytes.integer(at: rowEnd))
        let keyCount = Int(bytes.integer(at: rowEnd + 1, UInt16.self))
        let valueCount = Int(bytes.integer(at: rowEnd + 3, UInt32.self))
        guard let index = section.index, bytes.byteCount - keyStart >= keyCount,
            bytes.byteCount - keyStart - keyCount >= valueCount
        else { throw damage("row \(counted.rowCount)") }
        let key = bytes.extracting(keyStart..<(keyStart + keyCount))
        let lastKey = lastKey
        if let last = self.section, section < last || (section == last && !lastKey.bytes.precedes(key)) {
            throw SnapshotError(.rowOutOfOrder, path, offset: blockOffset, field: "row \(counted.rowCount)")
        }
        lastKey.removeAll()
        lastKey.append(key)
        self.section = section
        keyRange = keyStart..<(keyStart + keyCount)
        valueRange = keyRange.upperBound..<(keyRange.upperBound + valueCount)
        rowEnd = valueRange.upperBound
        counted.rowCounts[index] += 1
    }

    private func checkCounts() throws(SnapshotError) {
        counted.digest = footer.digest
        let end = fileByteCount - UInt64(SnapshotFormat.footerByteCount)
        guard offset == end, counted == footer else {
            throw SnapshotError(.damaged, path, offset: end, field: "counts of the footer")
        }
    }

    private func damage(_ field: String) -> SnapshotError {
        SnapshotError(.damaged, path, offset: blockOffset, field: field)
    }

    /// Fills the start of `input`; the file is known to be long enough.
    private func fill(_ count: Int, at offset: UInt64) throws(SnapshotError) {
        if input.byteCount < count { input = AlignedBuffer(byteCount: count) }
        let got = try Self.read(file, count, at: offset, into: input)
        guard got == count else { throw damage("bytes of block \(counted.blockCount)") }
    }

    /// Reads some bytes of the file; returns how many, fewer where it ends.
    private static func read(
        _ file: any File, _ count: Int, at offset: UInt64, into buffer: AlignedBuffer
    ) throws(SnapshotError) -> Int {
        do throws(FileError) {
            var target = buffer.mutableBytes(0..<count)
            return try file.read(into: &target, at: offset)
        } catch {
            throw SnapshotError(error)
        }
    }
}
