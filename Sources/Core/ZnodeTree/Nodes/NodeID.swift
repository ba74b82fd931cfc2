/// The number of a znode for ever: given at apply from a counter that is part of the state, and never reused.
///
/// A znode that is deleted and created again has another id, so that (id, name) read at any moment speaks of one
/// directory of the tree only.
package struct NodeID: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    @inlinable
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// No znode: what stands for the parent of the root.
    @inlinable
    package static var none: NodeID { NodeID(rawValue: 0) }

    /// The root of every tree.
    @inlinable
    package static var root: NodeID { NodeID(rawValue: 1) }

    @inlinable
    package static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
}
