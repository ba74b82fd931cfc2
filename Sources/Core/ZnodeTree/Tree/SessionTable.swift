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
        fileprivate var isOpen = true
        fileprivate var ephemerals = OwnedPathTable.List()

        init(session: Session, rowChecksum: UInt64 = 0, isDirty: Bool = true) {
            self.session = session
            self.rowChecksum = rowChecksum
            self.isDirty = isDirty
        }
    }

    private var indexes = NumberTable()
    private var records: [Record] = []
    private var free: [Int] = []
    private var ephemerals = OwnedPathTable()

    var count: Int { indexes.count }
    var ephemeralCount: Int { ephemerals.count }

    /// Where a session's record lies; nil if it is not open.
    func index(of session: SessionID) -> Int? { indexes[session.rawValue] }

    func session(_ id: SessionID) -> Session? { index(of: id).map { records[$0].session } }

    /// All that are open, in no particular order.
    var open: [Session] { records.filter(\.isOpen).map(\.session) }

    subscript(index: Int) -> Record {
        _read { yield records[index] }
        _modify { yield &records[index] }
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
        indexes.insert(record.session.id.rawValue, index)
    }

    /// Takes a session out that owns nothing any more.
    mutating func remove(_ session: SessionID) {
        guard let index = indexes.remove(session.rawValue) else { return }
        records[index].isOpen = false
        free.append(index)
    }

    // MARK: Ephemerals

    /// What a session owns, in the order of creation.
    func ephemerals(of session: SessionID) -> [(node: NodeID, path: [UInt8])] {
        guard let index = index(of: session) else { return [] }
        var list: [(node: NodeID, path: [UInt8])] = []
        ephemerals.forEach(records[index].ephemerals) { node, path in
            list.append((node, path))
            return true
        }
        return list
    }

    /// False if there is no such session.
    mutating func addEphemeral(_ node: NodeID, path: [UInt8], of session: SessionID) -> Bool {
        guard let index = index(of: session) else { return false }
        ephemerals.append(node, path: path, to: &records[index].ephemerals)
        return true
    }

    mutating func removeEphemeral(_ node: NodeID, of session: SessionID) {
        guard let index = index(of: session) else { return }
        ephemerals.remove(node, from: &records[index].ephemerals)
    }
}
