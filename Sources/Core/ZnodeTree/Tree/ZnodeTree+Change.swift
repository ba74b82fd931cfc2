internal import Checksums
internal import CoreTypes
internal import ZooKeeperWire

/// The elementary changes of entries: what undo, digest, index of owners and counters must know of happens here.
extension ZnodeTree {
    /// To be called before an entry is changed.
    func willChange(_ index: DeltaIndex) {
        if undo != nil { undo?.steps.append(.changed(index, active[index])) }
        markStale(index)
    }

    /// Adds a znode whose key is nowhere, or is deleted.
    func add(
        _ node: Znode, _ name: borrowing NameKey, to parent: DeltaIndex, accessList: RawSpan, data: RawSpan,
        path: RawSpan
    ) {
        let index = place(node, name, parent: active[parent].node.id)
        active.setAccessList(index, accessList)
        active.setData(index, data, isInPlaceAllowed: false)
        willChange(parent)
        active[parent].node.createCount &+= 1
        active[parent].node.pzxid = node.czxid
        active[parent].node.childCount &+= 1
        active[parent].node.childNamesDigest &+= name.fullHash
        meta.nodeCount &+= 1
        meta.approximateByteCount &+= UInt64(path.byteCount + data.byteCount)
        if node.owner != .none { noteOwner(node.id, node.owner, path: path, isAdded: true) }
    }

    /// The entry of a new znode. A look-up found nothing below, or a deletion that will be below for as long as this
    /// delta lives: so if the znode is deleted again, nothing need be kept of it.
    private func place(_ node: Znode, _ name: borrowing NameKey, parent: NodeID) -> DeltaIndex {
        let former = active.find(parent: parent, keyName: name.keyName, nameHash: name.hash)
        guard former.isNone else {
            // A deletion makes room: its entry becomes that of the new znode.
            if undo != nil { undo?.steps.append(.changed(former, active[former])) }
            if name.isHashed { active.setName(former, keyName: name.keyName, longName: name.longName) }
            active[former].node = node
            active[former].flags.remove(.removed)
            active[former].flags.remove(.stale)
            active[former].checksum = 0
            active[former].dataHash = 0
            markStale(former)
            return former
        }
        let index = active.insert(
            node, parent: parent, keyName: name.keyName, nameHash: name.hash, longName: name.longName, flags: [])
        if undo != nil { undo?.steps.append(.inserted(index)) }
        markStale(index)
        return index
    }

    /// Deletes a znode that has no children.
    func delete(_ index: DeltaIndex, from parent: DeltaIndex, path: RawSpan, zxid: Zxid) {
        willChange(parent)
        let entry = active[index]
        active[parent].node.pzxid = zxid
        active[parent].node.childCount &-= 1
        active[parent].node.childNamesDigest &-= unsafe hash64(RawSpan(entry.fullName))
        willChange(index)
        active[index].checksum = 0
        active[index].flags.remove(.stale)
        active[index].flags.insert(.removed)
        if !entry.flags.contains(.existsBelow) {
            if undo != nil { undo?.removed.append(index) } else { active.remove(index) }
        }
        paths.remove(path)
        meta.nodeCount &-= 1
        meta.approximateByteCount &-= UInt64(path.byteCount + Int(max(entry.node.dataByteCount, 0)))
        if entry.node.owner != .none { noteOwner(entry.node.id, entry.node.owner, path: path, isAdded: false) }
    }

    // MARK: Multi

    func beginUndo(_ output: ApplyOutput) {
        undo = UndoLog(meta: meta, eventCount: output.events.count, byteCount: output.bytes.count)
    }

    /// The multi succeeded.
    func commitUndo() {
        guard let log = undo else { return }
        undo = nil
        for index in log.removed where active[index].flags.contains(.removed) && !active[index].flags.contains(.free) {
            active.remove(index)
        }
    }

    /// The multi failed: everything is as it was before it.
    func rollBack(_ output: ApplyOutput) {
        guard let log = undo else { return }
        undo = nil
        for step in log.steps.reversed() {
            switch step {
            case .inserted(let index): active.remove(index)
            case .changed(let index, let entry):
                // The links of the list belong to the table; those of the entry may be out of date.
                let (next, previous) = (active[index].next, active[index].previous)
                active[index] = entry
                active[index].next = next
                active[index].previous = previous
                if entry.flags.contains(.stale) { staleEntries.append(index) }
            }
        }
        meta = log.meta
        ownerChanges.removeAll(keepingCapacity: true)
        paths.removeAll()
        output.events.removeLast(output.events.count - log.eventCount)
        output.bytes.truncate(to: log.byteCount)
    }

    // MARK: Owners

    private func noteOwner(_ node: NodeID, _ owner: ZnodeOwner, path: RawSpan, isAdded: Bool) {
        ownerChanges.append(OwnerChange(node: node, owner: owner, path: [UInt8](copying: path), isAdded: isAdded))
    }

    /// Brings the indexes of ephemerals and reapables up to date: the command that changed owners succeeded.
    func settleOwners() {
        guard !ownerChanges.isEmpty else { return }
        for change in ownerChanges { settle(change) }
        ownerChanges.removeAll(keepingCapacity: true)
    }

    private func settle(_ change: OwnerChange) {
        let key = scratch
        key.removeAll()
        if change.owner.isReapable {
            SystemKey.append(reapable: change.node, to: key)
            if change.isAdded {
                reapables.append(change.node, path: change.path, to: &reapableList)
            } else {
                reapables.remove(change.node, from: &reapableList)
            }
        } else {
            SystemKey.append(ephemeral: change.node, of: change.owner.session, to: key)
            if change.isAdded {
                let isOpen = sessions.addEphemeral(change.node, path: change.path, of: change.owner.session)
                invariant(isOpen, "ephemeral \(change.node.rawValue) of a session that is not open")
            } else {
                sessions.removeEphemeral(change.node, of: change.owner.session)
            }
        }
        if change.isAdded {
            unsafe putSystemRow(key.bytes, payload: change.path.span.bytes)
        } else {
            active.systemRows.remove(key.bytes)
        }
    }
}
