internal import CoreTypes

/// What a multi must give back if one of its operations fails: entries as they were, newest first.
struct UndoLog {
    enum Step {
        /// The entry was added by the multi.
        case inserted(DeltaIndex)
        /// The entry was this before.
        case changed(DeltaIndex, DeltaEntry)
    }

    var steps: [Step] = []
    var meta: MetaRow
    var eventCount: Int
    var byteCount: Int
    /// Deleted entries that lie nowhere below: taken out of the delta when the multi succeeded.
    var removed: [DeltaIndex] = []
}

/// A znode with an owner was created or deleted.
struct OwnerChange {
    var node: NodeID
    var owner: ZnodeOwner
    var path: [UInt8]
    var isAdded: Bool
}
