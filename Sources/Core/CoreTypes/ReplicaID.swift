/// The number of one replica in the configuration, 1 to 254, as in `server.N=` and `myid`; 0 is "none".
@usableFromInline
package struct ReplicaID: RawRepresentable, Hashable, Comparable, Sendable {
    @usableFromInline package var rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No replica.
    @inlinable
    package static var none: ReplicaID { ReplicaID(rawValue: 0) }

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: ReplicaID, right: ReplicaID) -> Bool { left.rawValue == right.rawValue }

    @inlinable
    package static func < (left: ReplicaID, right: ReplicaID) -> Bool { left.rawValue < right.rawValue }

    @inlinable
    package static func > (left: ReplicaID, right: ReplicaID) -> Bool { left.rawValue > right.rawValue }

    @inlinable
    package static func <= (left: ReplicaID, right: ReplicaID) -> Bool { left.rawValue <= right.rawValue }

    @inlinable
    package static func >= (left: ReplicaID, right: ReplicaID) -> Bool { left.rawValue >= right.rawValue }
}
