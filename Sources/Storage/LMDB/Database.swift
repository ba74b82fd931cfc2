internal import CLMDB

/// One named B-tree of an environment. A number: it stays valid until the environment is closed.
package struct Database: Hashable, Sendable {
    /// LMDB's own number.
    let handle: UInt32

    /// The tree that lists the named databases; its values must not be written by hand.
    package static var main: Database { Database(handle: 1) }

    /// The tree of pages that are free for reuse; for counting only.
    static var free: Database { Database(handle: 0) }
}

/// The shape of one database at one moment.
package struct DatabaseStatistics: Equatable, Sendable {
    package var depth: Int
    package var branchPageCount: Int
    package var leafPageCount: Int
    /// Pages of values that do not fit beside others; this house keeps its rows short enough to have none.
    package var overflowPageCount: Int
    package var entryCount: Int

    /// All pages of the tree.
    package var pageCount: Int { branchPageCount + leafPageCount + overflowPageCount }

    init(_ statistics: MDB_stat) {
        depth = Int(statistics.ms_depth)
        branchPageCount = Int(clamping: statistics.ms_branch_pages)
        leafPageCount = Int(clamping: statistics.ms_leaf_pages)
        overflowPageCount = Int(clamping: statistics.ms_overflow_pages)
        entryCount = Int(clamping: statistics.ms_entries)
    }
}
