internal import CLMDB

/// Where values may lie: what LMDB returns is believed only within these bounds.
///
/// A damaged page can make LMDB return any place within 128 KiB behind it and any length up to 4 GiB. What lies within
/// one page of the file is read without risk, and the checksum of its row tells whether it is right.
@safe struct ValueBounds {
    /// Addresses of the map's first byte, and of the first one behind the file's last page; the widest possible where
    /// the map's address is not known.
    var start: UInt = 0
    var end = UInt.max
    var pageByteCount: UInt = 4_096
    /// A write transaction keeps the pages it changed in memory of its own: what lies there is right.
    var isElsewhereAllowed = false

    private static let pageHeaderByteCount: UInt = 16

    /// Whether a value lies within a page, or from the start of a page on within the file (an overflow page).
    @inline(__always)
    func contain(_ value: MDB_val) -> Bool {
        let address = unsafe UInt(bitPattern: value.mv_data)
        let byteCount = unsafe UInt(value.mv_size)
        guard address >= start, address < end else { return isElsewhereAllowed || byteCount == 0 }
        let offset = address & (pageByteCount - 1)
        return offset + byteCount <= pageByteCount || (offset == Self.pageHeaderByteCount && byteCount <= end - address)
    }
}
