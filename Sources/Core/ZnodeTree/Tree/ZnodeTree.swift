internal import Checksums
package import CoreTypes
internal import ZooKeeperWire

/// ZooKeeper's data model as a deterministic state machine: equal commands in equal order give equal trees, sessions and
/// results on every replica.
///
/// A change goes to the *active delta*. What that does not know is looked up in the *frozen delta*, which a checkpoint
/// is moving to the store, and then in the store (`ZnodeBase`). Entries are absolute values.
///
/// Invariants:
/// - the zxid rises by one with each command that is executed, failed ones too, and with no other;
/// - `parent.childCount` and `childNamesDigest` are those of the children that are there;
/// - the owner of an ephemeral is an open session, and lists it;
/// - time never goes back, and comes from proposals only;
/// - a `StorageFault` is thrown before the command in question has changed anything.
///
/// Not safe across threads: its owner guards it.
@safe package final class ZnodeTree {
    let base: any ZnodeBase
    /// Reached through `ZnodeTree+State.swift`.
    let state: UnsafeMutablePointer<TreeState>

    /// Opens the tree that a base holds; an empty base gives the tree of a fresh server.
    package init(base: any ZnodeBase) throws(StorageFault) {
        self.base = base
        let reader = try base.makeReader()
        let stored = try MetaRow.read(from: reader)
        unsafe state = UnsafeMutablePointer<TreeState>.allocate(capacity: 1)
        unsafe state.initialize(to: TreeState(reader: reader, meta: stored ?? MetaRow()))
        if stored == nil { makeFreshTree() } else { try loadSystemRows() }
    }

    deinit {
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    // MARK: What is known of the whole

    /// Every slot up to here is in the tree.
    package var appliedSlot: Slot { meta.appliedSlot }
    /// The zxid that was given out last.
    package var lastZxid: Zxid { meta.lastZxid }
    /// The highest stamp of any proposal applied.
    package var lastTime: WallClockTime { meta.lastTime }
    /// Znodes, the root included.
    package var nodeCount: UInt64 { meta.nodeCount }
    /// Bytes of all paths and data.
    package var approximateByteCount: UInt64 { meta.approximateByteCount }
    package var sessionCount: Int { sessions.count }
    package var ephemeralCount: Int { sessions.ephemeralCount }
    package var highestSessions: HighestSessions { meta.highestSessions }

    /// Bytes of both deltas in memory.
    package var deltaByteCount: Int { active.byteCount + (frozen?.byteCount ?? 0) }
    /// Bytes of the active delta in memory.
    package var activeByteCount: Int { active.byteCount }

    /// A session that is open.
    package func session(_ id: SessionID) -> Session? { sessions.session(id) }

    /// All sessions that are open, in the order of their ids.
    package var openSessions: [Session] {
        sessions.open.sorted { $0.id < $1.id }
    }

    /// The paths of a session's ephemerals, in the order of their creation.
    package func ephemeralPaths(of session: SessionID) -> [[UInt8]] { sessions.ephemerals(of: session).map(\.path) }

    // MARK: Checkpoints

    /// The delta that a checkpoint is to move to the store, if there is one.
    package var frozenDelta: Delta? { frozen }

    /// Lets go of the base's state: what is not in a delta cannot be read any more.
    package func close() { reader = EndedReader() }

    /// Makes the active delta the frozen one, which the store is to be given, and begins an empty one.
    ///
    /// There must be no frozen delta. Takes time in proportion to what changed since the digest was last asked for.
    package func freeze() -> Delta {
        invariant(frozen == nil, "a delta is frozen already")
        refreshDigest()
        putMeta()
        // The next one will probably become as large: growing to that would cost more than a longer table to begin with.
        var table = DeltaTable(capacity: active.tableCapacity)
        swap(&table, &active)
        let delta = Delta(table, meta: meta)
        frozen = delta
        return delta
    }

    /// Lets go of the frozen delta: the base holds it now.
    ///
    /// - Throws: when the new state of the base cannot be read; nothing has changed then.
    package func dropFrozen() throws(StorageFault) {
        guard let delta = frozen else { return }
        try reader.renew()
        firstNodeNotInBase = delta.meta.nextNodeID
        frozen = nil
    }

    private func putMeta() {
        let payload = ByteBuilder()
        meta.sessionCount = UInt64(sessions.count)
        meta.ephemeralCount = UInt64(sessions.ephemeralCount)
        meta.reapableCount = UInt64(reapables.count)
        meta.encode(into: payload)
        let key = SystemKey.meta
        unsafe putSystemRow(key.span.bytes, payload: payload.bytes)
    }

    /// Writes a system row; returns its checksum.
    @discardableResult
    func putSystemRow(_ key: RawSpan, payload: RawSpan) -> UInt64 {
        let value = systemValue
        let checksum = SystemRow.encode(key: key, payload: payload, into: value)
        active.systemRows.put(key, value.bytes)
        return checksum
    }

    // MARK: Digest

    /// Sums over all rows: equal on replicas that applied the same slots.
    ///
    /// - Complexity: O(changes since it was last asked for).
    package func digest() -> TreeDigest {
        refreshDigest()
        return meta.digest
    }

    /// Takes an entry's old checksum out of the digest: its row changes.
    func markStale(_ index: DeltaIndex) {
        guard !active[index].flags.contains(.stale) else { return }
        meta.digest.znodes &-= active[index].checksum
        active[index].flags.insert(.stale)
        staleEntries.append(index)
    }

    private func refreshDigest() {
        refreshEntries()
        for id in dirtySessions { refreshRow(of: id) }
        dirtySessions.removeAll(keepingCapacity: true)
    }

    /// Brings the checksums of znodes' rows up to date.
    func refreshEntries() {
        for index in staleEntries {
            let flags = active[index].flags
            guard flags.contains(.stale), !flags.contains(.free), !flags.contains(.removed) else { continue }
            let checksum = encodeRow(index)
            active[index].checksum = checksum
            active[index].flags.remove(.stale)
            meta.digest.znodes &+= checksum
        }
        staleEntries.removeAll(keepingCapacity: true)
    }

    private func encodeRow(_ index: DeltaIndex) -> UInt64 {
        let key = scratch
        key.removeAll()
        let entry = active[index]
        unsafe ZnodeKey.append(parent: entry.parent, keyName: RawSpan(entry.keyName), to: key)
        let isLarge = ZnodeRow.isLarge(dataByteCount: Int(entry.node.dataByteCount))
        if isLarge && entry.dataHash == 0 { active[index].dataHash = unsafe hash64(RawSpan(entry.data)) }
        return unsafe ZnodeRow.encode(
            key: key.bytes, node: entry.node, longName: RawSpan(entry.longName), accessList: RawSpan(entry.accessList),
            data: RawSpan(isLarge ? .empty : entry.data), dataHash: active[index].dataHash, into: &rowScratch)
    }

    private func refreshRow(of id: SessionID) {
        guard let index = sessions.index(of: id), sessions[index].isDirty else { return }
        let key = ByteBuilder(capacity: 16)
        let payload = ByteBuilder(capacity: 64)
        SystemKey.append(session: id, to: key)
        sessions[index].session.encode(into: payload)
        let checksum = putSystemRow(key.bytes, payload: payload.bytes)
        sessions[index].rowChecksum = checksum
        sessions[index].isDirty = false
        meta.digest.sessions &+= checksum
    }
}
