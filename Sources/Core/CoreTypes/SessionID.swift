/// The number of a session; 0 asks for a new one. On the wire it is a signed long of the same bits.
@usableFromInline
package struct SessionID: RawRepresentable, Hashable, Comparable, Sendable {
    @usableFromInline package var rawValue: UInt64

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

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: SessionID, right: SessionID) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package static func > (left: SessionID, right: SessionID) -> Bool { left.rawValue > right.rawValue }

    @inlinable
    package static func <= (left: SessionID, right: SessionID) -> Bool { left.rawValue <= right.rawValue }

    @inlinable
    package static func >= (left: SessionID, right: SessionID) -> Bool { left.rawValue >= right.rawValue }
}
