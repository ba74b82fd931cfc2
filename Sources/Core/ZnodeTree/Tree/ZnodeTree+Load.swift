internal import Checksums
internal import CoreTypes
internal import ZooKeeperWire

/// How a tree begins: as a fresh server's, or from the system rows of a base.
extension ZnodeTree {
    /// The znodes that ZooKeeper 3.9 begins with; their times and zxids are 0, and they were never counted as created.
    func makeFreshTree() {
        meta.nextNodeID = NodeID(rawValue: 5)
        let root = addFresh(.root, parent: .none, name: "")
        let system = addFresh(NodeID(rawValue: 2), parent: .root, name: "zookeeper")
        _ = addFresh(NodeID(rawValue: 3), parent: NodeID(rawValue: 2), name: "quota")
        let config = addFresh(NodeID(rawValue: 4), parent: NodeID(rawValue: 2), name: "config")
        countFreshChildren(of: root, "zookeeper")
        countFreshChildren(of: system, "quota", "config")
        active[config].node.aversion = -1
        let readable = ByteBuilder()
        AccessList([AccessEntry(permissions: .read, scheme: "world", id: "anyone")]).encode(into: readable)
        active.setAccessList(config, readable.bytes)
        meta.nodeCount = 4
        meta.approximateByteCount = UInt64("/".utf8.count + "/zookeeper".utf8.count * 3 + "/quota/config".utf8.count)
    }

    private func addFresh(_ id: NodeID, parent: NodeID, name: String) -> DeltaIndex {
        let bytes = Array(name.utf8)
        let node = Znode(id: id, zxid: .zero, time: .zero, dataByteCount: 0)
        let index = unsafe active.insert(
            node, parent: parent, keyName: bytes.span.bytes, nameHash: hash64(bytes.span.bytes), longName: RawSpan(),
            flags: [])
        markStale(index)
        return index
    }

    private func countFreshChildren(of index: DeltaIndex, _ names: String...) {
        active[index].node.childCount = UInt32(names.count)
        for name in names {
            let bytes = Array(name.utf8)
            active[index].node.childNamesDigest &+= unsafe hash64(bytes.span.bytes)
        }
    }

    /// Reads sessions, ephemerals, reapables and the membership into memory.
    func loadSystemRows() throws(StorageFault) {
        try forEachRow(SystemKey.sessionPrefix) { [self] (key, value, payload) throws(StorageFault) in
            guard let number = SystemKey.number(in: key, at: 1, byteCount: 9),
                let session = Session(id: SessionID(rawValue: number), payload: payload)
            else { throw StorageFault.systemRow("not a session", key: key) }
            sessions.insert(
                SessionTable.Record(session: session, rowChecksum: SystemRow.checksum(of: value), isDirty: false))
        }
        try forEachRow(SystemKey.ephemeralPrefix) { [self] (key, _, payload) throws(StorageFault) in
            guard let session = SystemKey.number(in: key, at: 1, byteCount: 17),
                let node = SystemKey.number(in: key, at: 9, byteCount: 17)
            else { throw StorageFault.systemRow("not an ephemeral", key: key) }
            let isOpen = sessions.addEphemeral(
                NodeID(rawValue: node), path: [UInt8](copying: payload), of: SessionID(rawValue: session))
            if !isOpen { throw StorageFault.systemRow("an ephemeral of a session that is not there", key: key) }
        }
        try forEachRow(SystemKey.reapablePrefix) { [self] (key, _, payload) throws(StorageFault) in
            guard let node = SystemKey.number(in: key, at: 1, byteCount: 9) else {
                throw StorageFault.systemRow("not a reapable", key: key)
            }
            reapables.append(NodeID(rawValue: node), path: [UInt8](copying: payload), to: &reapableList)
        }
        try checkCounts()
        try loadMembership()
    }

    /// The meta row says how many there must be: a missing row is noticed.
    private func checkCounts() throws(StorageFault) {
        let found = (UInt64(sessions.count), UInt64(sessions.ephemeralCount), UInt64(reapables.count))
        guard found == (meta.sessionCount, meta.ephemeralCount, meta.reapableCount) else {
            throw StorageFault(
                "\(found.0) sessions, \(found.1) ephemerals and \(found.2) reapables were found where the checkpoint had "
                    + "\(meta.sessionCount), \(meta.ephemeralCount) and \(meta.reapableCount)",
                at: "the store's system rows",
                remedy: "rebuild the store from the newest snapshot and the log: aviaryctl rebuild")
        }
    }

    func forEachRow(
        _ prefix: [UInt8],
        _ body: (_ key: RawSpan, _ value: RawSpan, _ payload: RawSpan) throws(StorageFault) -> Void
    ) throws(StorageFault) {
        try reader.forEachSystemRow(prefix: prefix) { key, value throws(StorageFault) in
            guard let payload = SystemRow.payload(key: key, value: value) else {
                throw StorageFault.systemRow("the checksum does not match", key: key)
            }
            try body(key, value, payload)
        }
    }
}
