import CoreTypes

/// A znode of the sequential model that linearizability is judged by: what it holds, not when it came to be.
struct SearchZnode: Hashable, Sendable {
    var isThere = false
    var version: Int32 = 0
    var content: UInt64 = 0
    var owner: SessionID = .none

    /// Part of the hash of a partition's state, which is the sum over its znodes: it can be changed znode by znode.
    func fingerprint(at place: Int) -> UInt128 {
        guard isThere else { return 0 }
        let first = mixedBits(UInt64(place) << 32 | UInt64(UInt32(bitPattern: version)))
        let second = mixedBits(content ^ mixedBits(owner.rawValue ^ first))
        return UInt128(mixedBits(first ^ second)) << 64 | UInt128(mixedBits(second &+ 0x5851_F42D_4C95_7F2D &+ first))
    }
}
