internal import PosixIO

/// Sizes and offsets of a segment file. The article "Segment format" shows them as a ruler.
enum Layout {
    /// The unit of every write, and what a torn write tears.
    static let blockByteCount = AlignedBuffer.alignment
    /// Bytes at the front of the file that hold the segment header; a copy stands in the last block.
    static let segmentHeaderByteCount = 128
    static let groupHeaderByteCount = 160
    static let recordEntryByteCount = 32
    /// The first group's place in every segment.
    static let firstGroupOffset = UInt64(blockByteCount)

    /// "AviaryLg", read as a little-endian number.
    static let segmentMagic: UInt64 = 0x674C_7972_6169_7641
    /// "AvGr", read as a little-endian number.
    static let groupMagic: UInt32 = 0x7247_7641
    static let version: UInt32 = 1

    /// Where the groups of a segment end at the latest: the copy of the header is behind it.
    static func groupsEnd(segmentByteCount: UInt64) -> UInt64 { segmentByteCount - UInt64(blockByteCount) }

    /// Bytes that a group takes on disk, padding included; nil if the counts cannot be true.
    static func groupByteCount(payloadByteCount: Int, recordCount: Int) -> Int {
        AlignedBuffer.roundUp(groupHeaderByteCount + payloadByteCount + recordCount * recordEntryByteCount)
    }
}
