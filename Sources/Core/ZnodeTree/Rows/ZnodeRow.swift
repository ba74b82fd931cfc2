import Checksums
import CoreTypes

/// The value of one znode's row, as it stands in the store and in snapshots. The format is in the article RowFormat.
///
/// It begins with a checksum over key and value. The same number is the row's summand in the tree's digest, so encoding
/// is canonical: equal znodes give equal bytes on every replica and in every version that shares the layout.
package enum ZnodeRow {
    /// Which optional fields follow.
    struct Flags: OptionSet {
        var rawValue: UInt8

        /// The key is of the hashed form; the name in full follows.
        static var longName: Flags { Flags(rawValue: 1 << 0) }
        /// An access list follows; without it anybody may do everything.
        static var accessList: Flags { Flags(rawValue: 1 << 1) }
        /// The data is null.
        static var nullData: Flags { Flags(rawValue: 1 << 2) }
        /// The data is not here: its count and hash are.
        static var largeData: Flags { Flags(rawValue: 1 << 3) }
        static var owner: Flags { Flags(rawValue: 1 << 4) }
        /// mzxid and mtime differ from czxid and ctime and follow.
        static var modified: Flags { Flags(rawValue: 1 << 5) }
        /// pzxid, the counts of children and the digest of their names follow.
        static var parent: Flags { Flags(rawValue: 1 << 6) }
        /// version and aversion are not both 0 and follow.
        static var versions: Flags { Flags(rawValue: 1 << 7) }
    }

    /// The layout that this version writes, in the byte after the checksum.
    package static let layout: UInt8 = 1

    /// Bytes before the first optional field, at most, and of all fields that have no bytes of their own.
    static let fieldsByteCountMax = 192

    /// Whether data of so many bytes lies outside of the row.
    @inlinable
    package static func isLarge(dataByteCount: Int) -> Bool { dataByteCount > Limits.inlineDataByteCountMax }

    /// The checksum of a row: over the key, then over the value behind the checksum itself.
    package static func checksum(key: RawSpan, valueAfterChecksum: RawSpan) -> UInt64 {
        hash64(valueAfterChecksum, seed: hash64(key))
    }

    /// Whether a row is as it was written. Cheaper than decoding it.
    package static func verify(key: RawSpan, value: RawSpan) -> Bool {
        guard value.byteCount > 8 else { return false }
        let stored = UInt64(littleEndian: unsafe value.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
        return stored == checksum(key: key, valueAfterChecksum: value.extracting(8..<value.byteCount))
    }

    /// Encodes a row.
    ///
    /// - Parameters:
    ///   - longName: the name in full if the key is of the hashed form, else empty.
    ///   - data: the data unless it is null or large.
    ///   - dataHash: `hash64` of the data if it is large.
    /// - Returns: the checksum.
    @discardableResult
    static func encode(
        key: RawSpan, node: Znode, longName: RawSpan, accessList: RawSpan, data: RawSpan, dataHash: UInt64,
        into scratch: inout RowScratch
    ) -> UInt64 {
        let flags = flags(of: node, longName: longName, accessList: accessList)
        scratch.begin(
            byteCountMax: fieldsByteCountMax + longName.byteCount + accessList.byteCount + data.byteCount)
        scratch.put(fixed: 0)
        scratch.put(byte: layout)
        scratch.put(byte: flags.rawValue)
        putFields(of: node, flags, into: &scratch)
        if flags.contains(.longName) {
            scratch.put(varint: UInt64(longName.byteCount))
            scratch.put(longName)
        }
        if flags.contains(.accessList) {
            scratch.put(varint: UInt64(accessList.byteCount))
            scratch.put(accessList)
        }
        if flags.contains(.largeData) {
            scratch.put(varint: UInt64(node.dataByteCount))
            scratch.put(fixed: dataHash)
        } else {
            scratch.put(data)
        }
        let checksum = checksum(of: scratch, key: key)
        scratch.overwrite(at: 0, fixed: checksum)
        return checksum
    }

    private static func checksum(of scratch: borrowing RowScratch, key: RawSpan) -> UInt64 {
        let value = scratch.bytes
        return checksum(key: key, valueAfterChecksum: value.extracting(8..<value.byteCount))
    }

    private static func flags(of node: Znode, longName: RawSpan, accessList: RawSpan) -> Flags {
        var flags: Flags = []
        if longName.byteCount > 0 { flags.insert(.longName) }
        if accessList.byteCount > 0 { flags.insert(.accessList) }
        if node.dataByteCount < 0 { flags.insert(.nullData) }
        if isLarge(dataByteCount: Int(node.dataByteCount)) { flags.insert(.largeData) }
        if node.owner != .none { flags.insert(.owner) }
        if node.mzxid != node.czxid || node.mtime != node.ctime { flags.insert(.modified) }
        if node.pzxid != node.czxid || node.createCount != 0 || node.childCount != 0 || node.childNamesDigest != 0 {
            flags.insert(.parent)
        }
        if node.version != 0 || node.aversion != 0 { flags.insert(.versions) }
        return flags
    }

    private static func putFields(of node: Znode, _ flags: Flags, into scratch: inout RowScratch) {
        scratch.put(varint: node.id.rawValue)
        scratch.put(varint: node.czxid.rawValue)
        scratch.put(zigzag: node.ctime.rawValue)
        if flags.contains(.modified) {
            scratch.put(varint: node.mzxid.rawValue)
            scratch.put(zigzag: node.mtime.rawValue)
        }
        if flags.contains(.versions) {
            scratch.put(zigzag: Int64(node.version))
            scratch.put(zigzag: Int64(node.aversion))
        }
        if flags.contains(.parent) {
            scratch.put(varint: node.pzxid.rawValue)
            scratch.put(zigzag: Int64(node.createCount))
            scratch.put(varint: UInt64(node.childCount))
            scratch.put(fixed: node.childNamesDigest)
        }
        if flags.contains(.owner) { scratch.put(fixed: node.owner.rawValue) }
    }
}
