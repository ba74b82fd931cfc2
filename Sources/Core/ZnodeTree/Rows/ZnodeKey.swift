import Checksums
package import CoreTypes

/// The key of a znode's row: parent id, 8 bytes big-endian so that siblings are one range, then the name.
///
/// A name of more than `Limits.inlineNameByteCountMax` bytes takes the *hashed form*: its first 486 bytes, "/" (which
/// no name contains), and 16 bytes of hash; the row then holds the name in full, and it is compared on every hit. Two
/// long names with equal beginnings and equal hashes cannot be siblings: the second one is refused. The root's key is
/// parent 0 and no name.
package enum ZnodeKey {
    /// Bytes of a name in the hashed form.
    package static let hashedNameByteCount = Limits.inlineNameByteCountMax

    /// Bytes of the name that the hashed form begins with.
    package static let hashedPrefixByteCount = hashedNameByteCount - 17

    /// The longest key.
    package static let byteCountMax = 8 + Limits.inlineNameByteCountMax

    private static let secondSeed: UInt64 = 0xA5A5_5A5A_0F0F_F0F0

    /// Whether a name takes the hashed form.
    @inlinable
    package static func isHashed(nameByteCount: Int) -> Bool { nameByteCount > Limits.inlineNameByteCountMax }

    /// Whether a name that stands in a key is of the hashed form.
    package static func isHashedForm(_ keyName: RawSpan) -> Bool {
        keyName.byteCount == hashedNameByteCount
            && (unsafe keyName.unsafeLoad(fromByteOffset: hashedPrefixByteCount, as: UInt8.self)) == UInt8(ascii: "/")
    }

    /// Appends the hashed form of a long name.
    package static func appendHashedForm(of name: RawSpan, to builder: ByteBuilder) {
        builder.append(name.extracting(0..<hashedPrefixByteCount))
        builder.append(bigEndian: UInt8(ascii: "/"))
        builder.append(bigEndian: hash64(name))
        builder.append(bigEndian: hash64(name, seed: secondSeed))
    }

    /// Appends the name as it stands in a key.
    package static func appendKeyName(of name: RawSpan, to builder: ByteBuilder) {
        if isHashed(nameByteCount: name.byteCount) {
            appendHashedForm(of: name, to: builder)
        } else {
            builder.append(name)
        }
    }

    /// Appends a whole key.
    package static func append(parent: NodeID, keyName: RawSpan, to builder: ByteBuilder) {
        builder.append(bigEndian: parent.rawValue)
        builder.append(keyName)
    }

    /// The parent that a key names; nil unless it is a key.
    package static func parent(of key: RawSpan) -> NodeID? {
        guard key.byteCount >= 8, key.byteCount <= byteCountMax else { return nil }
        return NodeID(rawValue: UInt64(bigEndian: unsafe key.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)))
    }
}
