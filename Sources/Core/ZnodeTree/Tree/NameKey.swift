internal import CoreTypes

/// One name, as deltas and base are asked for it.
struct NameKey: ~Escapable {
    /// As it stands in the key: the name itself, or the hashed form of a long one.
    let keyName: RawSpan
    /// `hash64` of `keyName`.
    let hash: UInt64
    /// The name in full if it is too long for a key, else empty.
    let longName: RawSpan
    /// `hash64` of the name in full: its summand in the parent's digest of names.
    let fullHash: UInt64

    var isHashed: Bool { longName.byteCount > 0 }

    @_lifetime(copy keyName, copy longName)
    init(keyName: RawSpan, hash: UInt64, longName: RawSpan, fullHash: UInt64) {
        self.keyName = keyName
        self.hash = hash
        self.longName = longName
        self.fullHash = fullHash
    }
}
