internal import ZnodeTree

/// Compares what parents say of their children with the children that there are, in constant memory.
///
/// A parent's row and those of its children lie apart, so both sides are added up: over all rows with children the
/// mixture of (id, count, digest of names), and over all runs of siblings the same of what was seen. Equal sums mean,
/// but for one chance in 2^64, that every parent has exactly the children it names.
struct FamilySums {
    private var claimed: UInt64 = 0
    private var found: UInt64 = 0
    /// The siblings that are being counted.
    private(set) var current = Family(parent: .none)

    struct Family: Equatable {
        var parent: NodeID
        var count: UInt64 = 0
        var namesDigest: UInt64 = 0

        /// Spreads every bit over the whole number; source: the finaliser of SplitMix64.
        var mixture: UInt64 {
            var mixed = parent.rawValue &* 0x9E37_79B9_7F4A_7C15 ^ count &* 0xD1B5_4A32_D192_ED03 &+ namesDigest
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Takes the next row in key order: a child of `parent`, which may itself have children.
    ///
    /// - Returns: the family that ended with the row before, if one did.
    mutating func add(_ node: Znode, parent: NodeID, nameHash: UInt64) -> Family? {
        if node.childCount > 0 {
            let family = Family(
                parent: node.id, count: UInt64(node.childCount), namesDigest: node.childNamesDigest)
            claimed &+= family.mixture
        }
        var ended: Family?
        if parent != current.parent {
            ended = end()
            current = Family(parent: parent)
        }
        current.count += 1
        current.namesDigest &+= nameHash
        return ended
    }

    /// Ends the last family.
    ///
    /// - Returns: it, unless it is the root alone, which is nobody's child.
    mutating func end() -> Family? {
        guard current.parent != .none, current.count > 0 else { return nil }
        found &+= current.mixture
        return current
    }

    /// Whether both sides agree; after `end`.
    var agree: Bool { claimed == found }
}
