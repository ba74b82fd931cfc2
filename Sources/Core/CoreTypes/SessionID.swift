/// The number of a session; 0 asks for a new one. On the wire it is a signed long of the same bits.
package struct SessionID: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// No session.
    @inlinable
    package static var none: SessionID { SessionID(rawValue: 0) }

    /// As it stands on the wire.
    @inlinable
    package var wireValue: Int64 { Int64(bitPattern: rawValue) }

    /// From the wire.
    @inlinable
    package init(wireValue: Int64) { self.init(rawValue: UInt64(bitPattern: wireValue)) }

    @inlinable
    package static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }
}
