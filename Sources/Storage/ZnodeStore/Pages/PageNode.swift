/// One entry of a page: where its parts lie, after every offset and count was found to be within the page.
struct PageNode {
    var keyRange: Range<Int>
    /// The value in a leaf; the page number of its overflow pages where `isBig`.
    var valueRange: Range<Int>
    /// Bytes of the value, wherever it lies.
    var valueByteCount: Int
    var isBig: Bool
    var isDatabase: Bool
    /// In a branch page: the page below.
    var child: UInt64

    /// Bytes in the page, rounded as LMDB does.
    var byteCount: Int {
        (PageFormat.nodeHeaderByteCount + keyRange.count + valueRange.count + 1) & ~1
    }

    /// Reads the entry that begins at an offset of a page; nil when it does not lie within.
    init?(_ page: RawSpan, at offset: Int, isLeaf: Bool) {
        let start = offset + PageFormat.nodeHeaderByteCount
        guard offset >= PageFormat.headerByteCount, offset % 2 == 0, start <= page.byteCount else { return nil }
        let low: UInt16 = page.integer(at: offset)
        let high: UInt16 = page.integer(at: offset + 2)
        let flags: UInt16 = page.integer(at: offset + PageFormat.nodeFlagsOffset)
        let keyCount = Int(page.integer(at: offset + PageFormat.nodeKeyCountOffset, UInt16.self))
        guard keyCount <= PageFormat.keyByteCountMax, start + keyCount <= page.byteCount else { return nil }
        keyRange = start..<(start + keyCount)
        if isLeaf {
            guard flags == 0 || flags == PageFormat.NodeFlag.big || flags == PageFormat.NodeFlag.database else {
                return nil
            }
            isBig = flags == PageFormat.NodeFlag.big
            isDatabase = flags == PageFormat.NodeFlag.database
            valueByteCount = Int(low) | Int(high) << 16
            let inPage = isBig ? 8 : valueByteCount
            guard inPage <= page.byteCount - keyRange.upperBound else { return nil }
            valueRange = keyRange.upperBound..<(keyRange.upperBound + inPage)
            child = 0
        } else {
            isBig = false
            isDatabase = false
            valueByteCount = 0
            valueRange = keyRange.upperBound..<keyRange.upperBound
            child = UInt64(low) | UInt64(high) << 16 | UInt64(flags) << 32
        }
    }
}
