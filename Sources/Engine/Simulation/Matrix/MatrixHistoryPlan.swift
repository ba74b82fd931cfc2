/// What a cluster does before its disks are damaged.
struct MatrixHistoryPlan: Hashable {
    /// Acknowledged writes, each in a group of its own.
    var entryCount = 4
    /// Whether there was a moment of idleness behind the last write, so that every log has a mark at its end.
    var isMarked = true
    /// A replica that hears nothing of the last writes.
    var laggingPlace: Int?
    /// How many of them.
    var missedCount = 0
    /// Whether checkpoints and snapshots are taken often, and the log before them is recycled at once.
    var recyclesLog = false
}
