internal import CoreTypes
internal import ZooKeeperWire

/// The sessions that are open, with what they own.
struct SessionTable {
    /// One session and what is known of its row.
    struct Record {
        var session: Session
        /// Of the row that is part of the digest; 0 if none is.
        var rowChecksum: UInt64 = 0
        /// The row is out of date and not part of the digest.
        var isDirty = true
    }

    private var indexes = HashTable<SessionID, Int>()
    private(set) var records: [Record?] = []
    private var free: [Int] = []
    /// The session of the last look-up: commands of one come in a row.
    private var lastID = SessionID.none
    private var lastIndex = 0
    /// Paths of ephemerals by session and node.
    private var ephemerals = HashTable<SessionID, HashTable<NodeID, [UInt8]>>()
    private(set) var ephemeralCount = 0

    var count: Int { indexes.count }

    private static func hash(_ session: SessionID) -> UInt64 { mixedBits(session.rawValue) }
    private static func hash(_ node: NodeID) -> UInt64 { mixedBits(node.rawValue) }

    /// Where a session's record lies; nil if it is not open.
    mutating func index(of session: SessionID) -> Int? {
        if session == lastID, session != .none { return lastIndex }
        guard let index = indexes.value(hash: Self.hash(session), matches: { $0 == session }) else { return nil }
        lastID = session
        lastIndex = index
        return index
    }

    func session(_ id: SessionID) -> Session? {
        guard let index = indexes.value(hash: Self.hash(id), matches: { $0 == id }) else { return nil }
        return records[index]?.session
    }

    subscript(index: Int) -> Record {
        get {
            guard let record = records[index] else { invariantBroken("a session that is not open", #fileID, #line) }
            return record
        }
        set { records[index] = newValue }
    }

    mutating func insert(_ record: Record) {
        let index: Int
        if let unused = free.popLast() {
            index = unused
            records[index] = record
        } else {
            index = records.count
            records.append(record)
        }
        indexes.insert(hash: Self.hash(record.session.id), key: record.session.id, value: index)
    }

    mutating func remove(_ session: SessionID) {
        guard let index = indexes.remove(hash: Self.hash(session), matches: { $0 == session }) else { return }
        records[index] = nil
        free.append(index)
        lastID = .none
    }

    // MARK: Ephemerals

    /// What a session owns, in the order of creation.
    func ephemerals(of session: SessionID) -> [(node: NodeID, path: [UInt8])] {
        guard let owned = ephemerals.value(hash: Self.hash(session), matches: { $0 == session }) else { return [] }
        var list: [(node: NodeID, path: [UInt8])] = []
        owned.forEach { node, path in list.append((node, path)) }
        return list.sorted { $0.node < $1.node }
    }

    mutating func addEphemeral(_ node: NodeID, path: [UInt8], of session: SessionID) {
        ephemeralCount += 1
        let isKnown = ephemerals.update(hash: Self.hash(session), matches: { $0 == session }) { owned in
            owned.insert(hash: Self.hash(node), key: node, value: path)
        }
        if isKnown { return }
        var owned = HashTable<NodeID, [UInt8]>()
        owned.insert(hash: Self.hash(node), key: node, value: path)
        ephemerals.insert(hash: Self.hash(session), key: session, value: owned)
    }

    mutating func removeEphemeral(_ node: NodeID, of session: SessionID) {
        var isLast = false
        ephemerals.update(hash: Self.hash(session), matches: { $0 == session }) { owned in
            if owned.remove(hash: Self.hash(node), matches: { $0 == node }) != nil { ephemeralCount -= 1 }
            isLast = owned.isEmpty
        }
        if isLast { ephemerals.remove(hash: Self.hash(session), matches: { $0 == session }) }
    }

    /// Sessions that own ephemerals.
    var sessionsWithEphemeralsCount: Int { ephemerals.count }
}
