internal import SnapshotFile

/// The sections of a snapshot of the store: rows as they are in the databases.
enum StoreSection {
    static let nodes = SnapshotSection(rawValue: 1)
    static let chunks = SnapshotSection(rawValue: 2)
    /// System rows that belong to the tree; those of the store and the engine stay behind.
    static let system = SnapshotSection(rawValue: 3)
}
