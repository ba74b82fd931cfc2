internal import LMDB

/// The three B-trees of a store.
struct StoreDatabases: Sendable {
    /// Key and value of `ZnodeRow`: one row for each znode.
    var nodes: Database
    /// Data too large for a row, in pieces: `ChunkKey`.
    var chunks: Database
    /// `SystemKey` and `SystemRow`: sessions, indexes, meta; and the store's own marker.
    var system: Database

    private static let nodesName = "nodes"
    private static let chunksName = "chunks"
    private static let systemName = "system"

    /// Opens them in a file that has them; nil where one is missing.
    init?(_ environment: Environment) throws(LMDBError) {
        guard let nodes = try environment.database(named: Self.nodesName),
            let chunks = try environment.database(named: Self.chunksName),
            let system = try environment.database(named: Self.systemName)
        else { return nil }
        self.nodes = nodes
        self.chunks = chunks
        self.system = system
    }

    /// Makes them in a file that is new.
    init(making transaction: borrowing WriteTransaction) throws(LMDBError) {
        nodes = try transaction.makeDatabase(named: Self.nodesName)
        chunks = try transaction.makeDatabase(named: Self.chunksName)
        system = try transaction.makeDatabase(named: Self.systemName)
    }
}
