/// The shape of LMDB 0.9's pages on a little-endian machine of 64 bits, as far as it must be known to check them.
///
/// Source: `mdb.c` of LMDB 0.9.24, structures `MDB_page`, `MDB_node`, `MDB_db` and `MDB_meta`.
enum PageFormat {
    static let byteCount = 4_096
    /// Number u64, padding u16, flags u16, lower u16, upper u16.
    static let headerByteCount = 16
    static let flagsOffset = 10
    static let lowerOffset = 12
    static let upperOffset = 14
    /// Pages in a run of overflow pages, in place of lower and upper.
    static let overflowCountOffset = 12

    /// Count of data or page number in two halves, flags, count of key.
    static let nodeHeaderByteCount = 8
    static let nodeFlagsOffset = 4
    static let nodeKeyCountOffset = 6
    /// The longest key LMDB takes.
    static let keyByteCountMax = 511

    /// Two pages of meta stand before all others.
    static let metaPageCount: UInt64 = 2
    static let metaMagic: UInt32 = 0xBEEF_C0DE
    static let metaVersion: UInt32 = 1
    /// Deeper than any tree that LMDB can walk.
    static let depthMax = 32

    enum Flag {
        static let branch: UInt16 = 0x01
        static let leaf: UInt16 = 0x02
        static let overflow: UInt16 = 0x04
        static let meta: UInt16 = 0x08
    }

    enum NodeFlag {
        /// The value lies in overflow pages; the node has their number.
        static let big: UInt16 = 0x01
        /// The value is the record of a named database.
        static let database: UInt16 = 0x02
    }
}

/// The record of one database: `MDB_db`.
struct DatabaseRecord: Equatable {
    static let byteCount = 48
    private static let noRoot = UInt64.max

    var depth: UInt16
    var branchPageCount: UInt64
    var leafPageCount: UInt64
    var overflowPageCount: UInt64
    var entryCount: UInt64
    var root: UInt64

    /// Reads the record at an offset, which the caller has checked to be in the span.
    init(_ bytes: RawSpan, at offset: Int) {
        depth = bytes.integer(at: offset + 6)
        branchPageCount = bytes.integer(at: offset + 8)
        leafPageCount = bytes.integer(at: offset + 16)
        overflowPageCount = bytes.integer(at: offset + 24)
        entryCount = bytes.integer(at: offset + 32)
        root = bytes.integer(at: offset + 40)
    }

    var isEmpty: Bool { root == Self.noRoot }
}

/// What one of the two meta pages says: `MDB_meta`.
struct MetaPage: Equatable {
    var free: DatabaseRecord
    var main: DatabaseRecord
    var lastPage: UInt64
    var transaction: UInt64

    /// Reads a meta page; nil when it is none, or of another format.
    init?(_ page: RawSpan) {
        let start = PageFormat.headerByteCount
        guard page.byteCount >= PageFormat.byteCount,
            page.integer(at: PageFormat.flagsOffset, UInt16.self) == PageFormat.Flag.meta,
            page.integer(at: start, UInt32.self) == PageFormat.metaMagic,
            page.integer(at: start + 4, UInt32.self) == PageFormat.metaVersion,
            page.integer(at: start + 24, UInt32.self) == UInt32(PageFormat.byteCount)
        else { return nil }
        free = DatabaseRecord(page, at: start + 24)
        main = DatabaseRecord(page, at: start + 24 + DatabaseRecord.byteCount)
        lastPage = page.integer(at: start + 24 + 2 * DatabaseRecord.byteCount)
        transaction = page.integer(at: start + 32 + 2 * DatabaseRecord.byteCount)
    }
}

extension RawSpan {
    /// The little-endian integer at an offset, which the caller has checked to be in the span.
    func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, _ type: Value.Type = Value.self
    ) -> Value {
        Value(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
