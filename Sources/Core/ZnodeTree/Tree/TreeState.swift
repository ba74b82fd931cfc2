internal import CoreTypes

/// What a tree holds.
///
/// It lies in memory of its own and is reached through addressors, not as stored properties of a class: the tree's owner
/// guards it as a whole, so that checking each access at run time for overlaps only costs. It was a fifth of the time of
/// applying a command (`perf record` of the tree's micro benchmark).
struct TreeState: ~Copyable {
    /// The changes since the last freeze.
    var active = DeltaTable()
    /// The changes that a checkpoint is moving to the base.
    var frozen: Delta?
    var reader: any ZnodeBaseReader
    /// No znode with an id from this one on has children in the base: it was made later.
    var firstNodeNotInBase: NodeID
    /// Everything that the checkpoint's meta row holds; digests are brought up to date when asked for.
    var meta: MetaRow
    /// Entries whose checksum is not part of the digest; some may be listed twice, or be up to date again.
    var staleEntries: [DeltaIndex] = []
    var sessions = SessionTable()
    /// Sessions whose row is out of date; some may be listed twice, or be gone.
    var dirtySessions: [SessionID] = []
    /// Nil as long as the founding membership was never changed.
    var membership: MembershipRow?
    /// Of its row; 0 if there is none.
    var membershipChecksum: UInt64 = 0
    /// Containers and znodes with a time to live.
    var reapables = OwnedPathTable()
    var reapableList = OwnedPathTable.List()
    var paths = PathCache()
    var rowScratch = RowScratch()
    /// Not nil while a multi is executed: what it must give back if it fails.
    var undo: UndoLog?
    /// Changes of owners by the command under way; they take effect when it succeeded.
    var ownerChanges: [OwnerChange] = []

    let buffer = ZnodeBuffer()
    let longName = ByteBuilder(capacity: 1_024)
    let scratch = ByteBuilder(capacity: 1_024)
    let systemValue = ByteBuilder(capacity: 256)
    let pathBuilder = ByteBuilder(capacity: 1_024)

    init(reader: any ZnodeBaseReader, meta: MetaRow) {
        self.reader = reader
        self.meta = meta
        firstNodeNotInBase = meta.nextNodeID
    }
}
