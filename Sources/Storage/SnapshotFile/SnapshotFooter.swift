internal import Checksums
internal import CoreTypes

/// What a whole snapshot holds: the last 96 bytes of the file, which only a finished one has.
package struct SnapshotFooter: Equatable, Sendable {
    package var blockCount: UInt64
    /// Bytes of all rows before compression.
    package var rowByteCount: UInt64
    /// Bytes of all blocks as they stand in the file, their headers included.
    package var storedByteCount: UInt64
    /// The digest of the state, as the writer's caller computed it; this module only keeps it.
    package var digest: UInt64
    /// CRC-32C of the bytes of all rows before compression, one after another.
    package var rowChecksum: UInt32
    var rowCounts: [UInt64]

    init() {
        blockCount = 0
        rowByteCount = 0
        storedByteCount = 0
        digest = 0
        rowChecksum = 0
        rowCounts = Array(repeating: 0, count: SnapshotSection.countMax)
    }

    /// Rows of one section.
    package func rowCount(_ section: SnapshotSection) -> UInt64 { section.index.map { rowCounts[$0] } ?? 0 }

    /// Rows of all sections.
    package var rowCount: UInt64 { rowCounts.reduce(0, &+) }

    private enum Offset {
        static let byteCount = 4
        static let blockCount = byteCount + 4
        static let rowByteCount = blockCount + 8
        static let storedByteCount = rowByteCount + 8
        static let rowCounts = storedByteCount + 8
        static let digest = rowCounts + 8 * SnapshotSection.countMax
        static let rowChecksum = digest + 8
        static let checksum = rowChecksum + 8
        static let trailer = checksum + 8
    }

    /// Appends the footer of a file whose header has this checksum.
    func append(to builder: ByteBuilder, headerChecksum: UInt32) {
        let start = builder.count
        builder.append(littleEndian: SnapshotFormat.footerMagic)
        builder.append(littleEndian: UInt32(SnapshotFormat.footerByteCount))
        builder.append(littleEndian: blockCount)
        builder.append(littleEndian: rowByteCount)
        builder.append(littleEndian: storedByteCount)
        for count in rowCounts { builder.append(littleEndian: count) }
        builder.append(littleEndian: digest)
        builder.append(littleEndian: rowChecksum)
        builder.append(zeros: 4)
        let checksum = crc32c(builder.bytes.extracting(start..<builder.count), continuing: headerChecksum)
        builder.append(littleEndian: checksum)
        builder.append(zeros: 4)
        builder.append(littleEndian: SnapshotFormat.trailerMagic)
    }

    /// Reads what `append` writes from the last bytes of a file; `start` is where in the file they begin.
    static func read(
        _ bytes: RawSpan, headerChecksum: UInt32, at start: UInt64
    ) throws(SnapshotFault) -> SnapshotFooter {
        guard bytes.byteCount == SnapshotFormat.footerByteCount,
            bytes.integer(at: Offset.trailer) == SnapshotFormat.trailerMagic
        else { throw SnapshotFault(.truncated, start + UInt64(Offset.trailer), "trailer magic") }
        let checksum = crc32c(bytes.extracting(0..<Offset.checksum), continuing: headerChecksum)
        guard checksum == bytes.integer(at: Offset.checksum), bytes.integer(at: Offset.checksum + 4) == UInt32(0),
            bytes.integer(at: 0) == SnapshotFormat.footerMagic,
            bytes.integer(at: Offset.byteCount) == UInt32(SnapshotFormat.footerByteCount)
        else { throw SnapshotFault(.damaged, start, "footer checksum") }
        var footer = SnapshotFooter()
        footer.blockCount = bytes.integer(at: Offset.blockCount)
        footer.rowByteCount = bytes.integer(at: Offset.rowByteCount)
        footer.storedByteCount = bytes.integer(at: Offset.storedByteCount)
        footer.rowCounts = (0..<SnapshotSection.countMax).map { bytes.integer(at: Offset.rowCounts + 8 * $0) }
        footer.digest = bytes.integer(at: Offset.digest)
        footer.rowChecksum = bytes.integer(at: Offset.rowChecksum)
        return footer
    }
}
