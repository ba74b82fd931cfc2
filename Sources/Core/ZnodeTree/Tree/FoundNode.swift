internal import CoreTypes

/// A znode as a read found it, in a delta or in the buffer of the last read from the base. Trivial; its bytes are good
/// until the tree is changed or asked again.
struct FoundNode {
    var node: Znode
    var accessList: ByteRun
    var data: ByteRun
    /// The data is large, and lies further below than the rest.
    var isDataBelow: Bool
    /// The name as it stands in the key: what siblings are sorted by.
    var keyName: ByteRun
    /// The name in full.
    var name: ByteRun
}

/// What a read of one child gives.
package struct ChildView: ~Escapable {
    package let name: RawSpan
    package let node: Znode

    @_lifetime(copy name)
    init(name: RawSpan, node: Znode) {
        self.name = name
        self.node = node
    }
}
