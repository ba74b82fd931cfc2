/// The numbers of the file format, version 1; the article <doc:Format> explains them.
enum SnapshotFormat {
    /// "AVIARYSN", read as a little-endian integer.
    static let magic: UInt64 = 0x4E53_5952_4149_5641
    /// "AVIARYSE", the last eight bytes of a whole file.
    static let trailerMagic: UInt64 = 0x4553_5952_4149_5641
    /// "BLOK".
    static let blockMagic: UInt32 = 0x4B4F_4C42
    /// "FOOT".
    static let footerMagic: UInt32 = 0x544F_4F46
    static let version: UInt32 = 1

    static let headerByteCount = 128
    static let blockHeaderByteCount = 32
    static let footerByteCount = 96
    /// Section, key count, value count.
    static let rowHeaderByteCount = 1 + 2 + 4

    /// Bytes of rows in one block, at most: what a reader may have to keep in memory.
    static let blockByteCountMax = 4 * 1_048_576
    static let keyByteCountMax = 65_535
    /// Bytes of one value: a row fits into one block.
    static let valueByteCountMax = blockByteCountMax - rowHeaderByteCount - keyByteCountMax

    /// How the bytes of a block are stored.
    enum Encoding {
        static let plain: UInt32 = 0
        static let lz4: UInt32 = 1
    }
}
