package import CoreTypes

/// What keeps a znode alive, in ZooKeeper's encoding of `ephemeralOwner`.
///
/// 0: nothing, it stays. A session id: an ephemeral of that session. `0x8000_0000_0000_0000`: a container. `0xFF` in
/// the top byte, zero in the next two, and 40 bits of milliseconds: a znode with a time to live. So no session may have
/// an id of the last two forms. Source: `EphemeralType`.
package struct ZnodeOwner: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A znode that stays until it is deleted.
    @inlinable
    package static var none: ZnodeOwner { ZnodeOwner(rawValue: 0) }

    /// A container: it may be reaped when its last child is gone.
    @inlinable
    package static var container: ZnodeOwner { ZnodeOwner(rawValue: 0x8000_0000_0000_0000) }

    /// The longest time to live, 40 bits of milliseconds: almost 35 years.
    package static let ttlMillisecondsMax: Int64 = 0xFF_FFFF_FFFF

    private static let extendedMask: UInt64 = 0xFF00_0000_0000_0000

    /// An ephemeral of a session.
    @inlinable
    package init(_ session: SessionID) { self.init(rawValue: session.rawValue) }

    /// A znode with a time to live; nil unless it is 1 to `ttlMillisecondsMax`.
    package init?(ttlMilliseconds: Int64) {
        guard ttlMilliseconds > 0, ttlMilliseconds <= ZnodeOwner.ttlMillisecondsMax else { return nil }
        self.init(rawValue: ZnodeOwner.extendedMask | UInt64(ttlMilliseconds))
    }

    @inlinable
    package var isContainer: Bool { rawValue == 0x8000_0000_0000_0000 }

    /// Whether it is neither a session nor a container: a time to live.
    @inlinable
    package var isTTL: Bool { rawValue >= 0xFF00_0000_0000_0000 }

    @inlinable
    package var isEphemeral: Bool { rawValue != 0 && !isContainer && !isTTL }

    /// Whether a reaper may delete it.
    @inlinable
    package var isReapable: Bool { isContainer || isTTL }

    /// The time to live; nil for the other kinds.
    package var ttlMilliseconds: Int64? { isTTL ? Int64(rawValue & 0xFF_FFFF_FFFF) : nil }

    /// The session that owns an ephemeral; `none` for the other kinds.
    @inlinable
    package var session: SessionID { isEphemeral ? SessionID(rawValue: rawValue) : .none }

    /// Whether a session may have this id: it must not read as another kind of owner.
    @inlinable
    package static func allows(_ session: SessionID) -> Bool { ZnodeOwner(session).isEphemeral }
}
