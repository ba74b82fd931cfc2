internal import Checksums
internal import CoreTypes
internal import ZooKeeperWire

/// Finding znodes for a change: what is found lies in the active delta afterwards.
extension ZnodeTree {
    /// A name, as the deltas are asked for it. Good until the next name is.
    @_lifetime(copy name)
    func nameKey(_ name: RawSpan) -> NameKey {
        let hash = hash64(name)
        if !ZnodeKey.isHashed(nameByteCount: name.byteCount) {
            return NameKey(keyName: name, hash: hash, longName: RawSpan(), fullHash: hash)
        }
        longName.removeAll()
        ZnodeKey.appendHashedForm(of: name, to: longName)
        let keyName = unsafe _overrideLifetime(longName.bytes, copying: name)
        return NameKey(keyName: keyName, hash: hash64(keyName), longName: name, fullHash: hash)
    }

    /// Whether an entry that was found under a key is of this name, and not of another long one with the same hashes.
    func isNamed(_ index: DeltaIndex, _ name: borrowing NameKey) -> Bool {
        !name.isHashed || Bytes.equal(name.longName, active[index].longName)
    }

    /// The entry of a child, or `none`.
    func child(_ name: RawSpan, of parent: NodeID) throws(TreeFailure) -> DeltaIndex {
        let key = nameKey(name)
        let index = try load(parent, key)
        return index.isNone || !isNamed(index, key) ? .none : index
    }

    /// The entry of the znode at a path, or `none`. The path is taken as it is, component by component, so that a
    /// malformed one is just not there.
    func node(at path: RawSpan) throws(TreeFailure) -> DeltaIndex {
        if path.isRootPath { return try load(.none, nameKey(RawSpan())) }
        guard let parts = PathParts(path), parts.isReachable else { return .none }
        guard let parent = try directory(at: parts.parent) else { return .none }
        return try child(parts.name, of: parent)
    }

    /// The id of a znode whose children are asked for; nil if it is not there.
    func directory(at path: RawSpan) throws(TreeFailure) -> NodeID? {
        if path.isRootPath { return .root }
        let hash = hash64(path)
        if let node = paths.node(at: path, hash: hash) { return node }
        guard let index = try walk(path) else { return nil }
        paths.insert(path, hash: hash, node: active[index].node.id)
        return active[index].node.id
    }

    /// Goes down from the root.
    private func walk(_ path: RawSpan) throws(TreeFailure) -> DeltaIndex? {
        guard path.byteCount > 1, unsafe path.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == UInt8(ascii: "/") else {
            return nil
        }
        var parent = NodeID.root
        var start = 1
        while true {
            var end = start
            while end < path.byteCount,
                unsafe path.unsafeLoad(fromUncheckedByteOffset: end, as: UInt8.self) != UInt8(ascii: "/")
            {
                end += 1
            }
            let index = try child(path.extracting(start..<end), of: parent)
            if index.isNone { return nil }
            if end == path.byteCount { return index }
            parent = active[index].node.id
            start = end + 1
        }
    }

    /// The entry of a key: from the active delta, or brought there from below.
    ///
    /// It may be another long name's with the same hashes: `isNamed` tells.
    func load(_ parent: NodeID, _ name: borrowing NameKey) throws(TreeFailure) -> DeltaIndex {
        let found = active.find(parent: parent, keyName: name.keyName, nameHash: name.hash)
        if !found.isNone { return active[found].isRemoved ? .none : found }
        if let frozen {
            let index = frozen.table.find(parent: parent, keyName: name.keyName, nameHash: name.hash)
            if !index.isNone { return frozen.table[index].isRemoved ? .none : adopt(frozen.table[index]) }
        }
        if parent >= firstNodeNotInBase { return .none }
        do throws(StorageFault) {
            guard try reader.read(parent: parent, keyName: name.keyName, includingLargeData: false, into: buffer) else {
                return .none
            }
        } catch {
            throw .fault(error)
        }
        return adoptBuffer(parent, keyName: name.keyName, nameHash: name.hash)
    }

    /// Copies an entry of the frozen delta. The store may have its row already, or will.
    private func adopt(_ entry: DeltaEntry) -> DeltaIndex {
        let index = unsafe active.insert(
            entry.node, parent: entry.parent, keyName: RawSpan(entry.keyName), nameHash: entry.nameHash,
            longName: RawSpan(entry.longName), flags: [.existsBelow])
        unsafe active.setAccessList(index, RawSpan(entry.accessList))
        if ZnodeRow.isLarge(dataByteCount: Int(entry.node.dataByteCount)) {
            active[index].flags.insert(.dataBelow)
        } else {
            unsafe active.setData(index, RawSpan(entry.data), isInPlaceAllowed: false)
        }
        active[index].checksum = entry.checksum
        active[index].dataHash = entry.dataHash
        return index
    }

    private func adoptBuffer(_ parent: NodeID, keyName: RawSpan, nameHash: UInt64) -> DeltaIndex {
        let buffer = buffer
        let index = active.insert(
            buffer.node, parent: parent, keyName: keyName, nameHash: nameHash, longName: buffer.longName,
            flags: [.existsBelow])
        active.setAccessList(index, buffer.accessList)
        active.setData(index, buffer.data, isInPlaceAllowed: false)
        if buffer.isDataLeftOut { active[index].flags.insert(.dataBelow) }
        active[index].checksum = buffer.rowChecksum
        active[index].dataHash = buffer.dataHash
        return index
    }
}
