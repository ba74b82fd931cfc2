internal import CoreTypes
internal import ZnodeTree

/// The store's own system row: which format the file has. Written when it is made, read before anything else.
struct StoreMarker: Equatable {
    /// Of the file: databases, keys, chunks. The layout of rows has a version of its own, in each row.
    var version: UInt32 = 1
    var chunkByteCount = UInt32(ChunkKey.dataByteCount)

    /// "V": kinds in upper-case letters do not belong to the tree, and are not part of snapshots.
    static let key: [UInt8] = [UInt8(ascii: "V")]
    static let versionMax: UInt32 = 1

    /// The value of the row.
    func encode() -> ByteBuilder {
        let payload = ByteBuilder(capacity: 16)
        payload.append(littleEndian: version)
        payload.append(littleEndian: chunkByteCount)
        let value = ByteBuilder(capacity: 32)
        unsafe SystemRow.encode(key: Self.key.span.bytes, payload: payload.bytes, into: value)
        return value
    }

    init() {}

    /// Reads the value of the row; nil when it is damaged. Later versions may have more behind these fields.
    init?(value: RawSpan) {
        guard let payload = unsafe SystemRow.payload(key: Self.key.span.bytes, value: value) else { return nil }
        var reader = ByteReader(payload)
        guard let version = try? reader.integer(UInt32.self), let count = try? reader.integer(UInt32.self) else {
            return nil
        }
        self.version = version
        chunkByteCount = count
    }

    /// Whether a system row's key is the tree's: begins with a lower-case letter.
    static func isReplicated(_ key: RawSpan) -> Bool {
        guard key.byteCount > 0 else { return false }
        let kind = unsafe key.unsafeLoad(fromByteOffset: 0, as: UInt8.self)
        return kind >= UInt8(ascii: "a") && kind <= UInt8(ascii: "z")
    }
}
