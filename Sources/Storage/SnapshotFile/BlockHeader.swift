internal import Checksums
internal import CoreTypes

/// The 32 bytes before the stored bytes of a block.
struct BlockHeader: Equatable {
    /// Counts from 0.
    var number: UInt32
    /// Bytes in the file after this header.
    var storedByteCount: UInt32
    /// Bytes of the rows.
    var rowByteCount: UInt32
    var encoding: UInt32
    var rowCount: UInt32
    /// CRC-32C of the stored bytes, continued from the file header's.
    var storedChecksum: UInt32

    private enum Offset {
        static let number = 4
        static let storedByteCount = number + 4
        static let rowByteCount = storedByteCount + 4
        static let encoding = rowByteCount + 4
        static let rowCount = encoding + 4
        static let storedChecksum = rowCount + 4
        static let checksum = storedChecksum + 4
    }

    func append(to builder: ByteBuilder, headerChecksum: UInt32) {
        let start = builder.count
        builder.append(littleEndian: SnapshotFormat.blockMagic)
        for field in [number, storedByteCount, rowByteCount, encoding, rowCount, storedChecksum] {
            builder.append(littleEndian: field)
        }
        let checksum = crc32c(builder.bytes.extracting(start..<builder.count), continuing: headerChecksum)
        builder.append(littleEndian: checksum)
    }

    /// Reads what `append` writes, and refuses sizes beyond the format's limits before anybody allocates for them.
    static func read(
        _ bytes: RawSpan, headerChecksum: UInt32, number: UInt32, at start: UInt64
    ) throws(SnapshotFault) -> BlockHeader {
        let checksum = crc32c(bytes.extracting(0..<Offset.checksum), continuing: headerChecksum)
        guard checksum == bytes.integer(at: Offset.checksum), bytes.integer(at: 0) == SnapshotFormat.blockMagic else {
            throw SnapshotFault(.damaged, start, "header of block \(number)")
        }
        let header = BlockHeader(
            number: bytes.integer(at: Offset.number), storedByteCount: bytes.integer(at: Offset.storedByteCount),
            rowByteCount: bytes.integer(at: Offset.rowByteCount), encoding: bytes.integer(at: Offset.encoding),
            rowCount: bytes.integer(at: Offset.rowCount), storedChecksum: bytes.integer(at: Offset.storedChecksum))
        guard header.number == number else {
            throw SnapshotFault(.damaged, start + UInt64(Offset.number), "number of block \(number)")
        }
        guard header.rowByteCount > 0, header.rowByteCount <= UInt32(SnapshotFormat.blockByteCountMax),
            header.storedByteCount > 0, header.storedByteCount <= header.rowByteCount,
            header.encoding <= SnapshotFormat.Encoding.lz4,
            header.encoding == SnapshotFormat.Encoding.lz4 || header.storedByteCount == header.rowByteCount
        else { throw SnapshotFault(.damaged, start, "sizes of block \(number)") }
        return header
    }
}
