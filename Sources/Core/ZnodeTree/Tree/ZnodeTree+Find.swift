internal import Checksums
internal import CoreTypes
internal import ZooKeeperWire

/// Finding znodes for a read: nothing is brought into the delta, which only changes may grow.
extension ZnodeTree {
    /// The znode at a path, as it is taken component by component; nil if it is not there.
    func find(_ path: RawSpan, wantsData: Bool = false) throws(TreeFailure) -> FoundNode? {
        do throws(StorageFault) {
            if path.isRootPath { return try look(.none, RawSpan(), wantsData: wantsData) }
            guard let parts = PathParts(path), parts.isReachable, let parent = try findDirectory(parts.parent) else {
                return nil
            }
            return try look(parent, parts.name, wantsData: wantsData)
        } catch {
            throw .fault(error)
        }
    }

    private func findDirectory(_ path: RawSpan) throws(StorageFault) -> NodeID? {
        if path.isRootPath { return .root }
        let hash = hash64(path)
        if let node = paths.node(at: path, hash: hash) { return node }
        guard path.byteCount > 1, unsafe path.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == UInt8(ascii: "/") else {
            return nil
        }
        var parent = NodeID.root
        var start = 1
        while start <= path.byteCount {
            var end = start
            while end < path.byteCount,
                unsafe path.unsafeLoad(fromUncheckedByteOffset: end, as: UInt8.self) != UInt8(ascii: "/")
            {
                end += 1
            }
            guard let found = try look(parent, path.extracting(start..<end), wantsData: false) else { return nil }
            parent = found.node.id
            start = end + 1
        }
        paths.insert(path, hash: hash, node: parent)
        return parent
    }

    /// The child of a znode by its name in full.
    private func look(_ parent: NodeID, _ name: RawSpan, wantsData: Bool) throws(StorageFault) -> FoundNode? {
        if !ZnodeKey.isHashed(nameByteCount: name.byteCount) {
            return try look(parent, keyName: name, nameHash: hash64(name), wantsData)
        }
        let key = longName
        key.removeAll()
        ZnodeKey.appendHashedForm(of: name, to: key)
        let found = try look(parent, keyName: key.bytes, nameHash: hash64(key.bytes), wantsData)
        guard let found, Bytes.equal(name, found.name) else { return nil }
        return found
    }

    private func look(
        _ parent: NodeID, keyName: RawSpan, nameHash: UInt64, _ wantsData: Bool
    ) throws(StorageFault) -> FoundNode? {
        let index = active.find(parent: parent, keyName: keyName, nameHash: nameHash)
        var found: FoundNode?
        if !index.isNone {
            if active[index].isRemoved { return nil }
            found = ZnodeTree.found(active[index])
        }
        if found == nil || found?.isDataBelow == true && wantsData, let frozen {
            let index = frozen.table.find(parent: parent, keyName: keyName, nameHash: nameHash)
            if !index.isNone {
                let below = ZnodeTree.found(frozen.table[index])
                if found == nil {
                    if frozen.table[index].isRemoved { return nil }
                    found = below
                } else if !below.isDataBelow {
                    found?.data = below.data
                    found?.isDataBelow = false
                }
            }
        }
        if let found, !(found.isDataBelow && wantsData) { return found }
        return try lookInBase(parent, keyName: keyName, above: found, wantsData)
    }

    private func lookInBase(
        _ parent: NodeID, keyName: RawSpan, above: FoundNode?, _ wantsData: Bool
    ) throws(StorageFault) -> FoundNode? {
        if above == nil, parent >= firstNodeNotInBase { return nil }
        let buffer = buffer
        guard try reader.read(parent: parent, keyName: keyName, includingLargeData: wantsData, into: buffer) else {
            if above == nil { return nil }
            throw StorageFault(
                "large data is missing", at: "the store's row of a child of \(parent.rawValue)",
                remedy: "rebuild the store from the newest snapshot and the log: aviaryctl rebuild")
        }
        let data = unsafe ByteRun(buffer.data)
        if var above {
            above.data = data
            above.isDataBelow = false
            return above
        }
        let name = unsafe buffer.longName.byteCount > 0 ? ByteRun(buffer.longName) : ByteRun(keyName)
        return unsafe FoundNode(
            node: buffer.node, accessList: ByteRun(buffer.accessList), data: data, isDataBelow: buffer.isDataLeftOut,
            keyName: ByteRun(keyName), name: name)
    }

    static func found(_ entry: DeltaEntry) -> FoundNode {
        FoundNode(
            node: entry.node, accessList: entry.accessList, data: entry.data,
            isDataBelow: entry.flags.contains(.dataBelow), keyName: entry.keyName, name: entry.fullName)
    }
}

extension ByteRun {
    /// The bytes of a span, for as long as whoever owns them keeps them.
    @unsafe
    init(_ span: RawSpan) {
        let start = unsafe span.withUnsafeBytes { $0.baseAddress }
        unsafe self.init(start: UnsafeMutableRawPointer(mutating: start), count: span.byteCount)
    }
}
