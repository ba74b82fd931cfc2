internal import Checksums
internal import CoreTypes
internal import ZooKeeperWire

/// Listing children: what the deltas say lies over what the base has.
extension ZnodeTree {
    /// Calls `body` with the children of a znode until it returns false.
    ///
    /// - Parameters:
    ///   - after: begins behind this name; it need not exist.
    ///   - isSorted: in the order of the keys, which is that of the names, but for long ones with equal beginnings; else in any order, which costs no sort.
    func forEachChild(
        of parent: NodeID, after: [UInt8], isSorted: Bool, _ body: (borrowing ChildView) -> Bool
    ) throws(TreeFailure) {
        var overlay = overlay(of: parent, after: after)
        if isSorted { sort(&overlay) }
        var next = 0
        var isDone = false
        /// Hands over overlay entries that come before a key, or all.
        func handOver(before keyName: RawSpan, isBounded: Bool) {
            while !isDone, next < overlay.count {
                let found = overlay[next]
                if isBounded, unsafe !Bytes.precedes(RawSpan(found.keyName), keyName) { return }
                next += 1
                unsafe isDone = !body(ChildView(name: RawSpan(found.name), node: found.node))
            }
        }
        if parent < firstNodeNotInBase {
            do throws(StorageFault) {
                try unsafe scanBase(parent, after: after.span.bytes) { (keyName, name, node) in
                    if isSorted { handOver(before: keyName, isBounded: true) }
                    if !isDone { isDone = !body(ChildView(name: name, node: node)) }
                    return !isDone
                }
            } catch {
                throw .fault(error)
            }
        }
        handOver(before: RawSpan(), isBounded: false)
    }

    /// The children that the deltas have, behind a name.
    private func overlay(of parent: NodeID, after: [UInt8]) -> [FoundNode] {
        var found: [FoundNode] = []
        let list = active.children(of: parent)
        var index = list.first
        while !index.isNone {
            let entry = active[index]
            if !entry.isRemoved { found.append(ZnodeTree.found(entry)) }
            index = entry.next
        }
        if let frozen {
            var index = frozen.table.children(of: parent).first
            while !index.isNone {
                let entry = frozen.table[index]
                let isHidden = unsafe !active.find(
                    parent: parent, keyName: RawSpan(entry.keyName), nameHash: entry.nameHash
                ).isNone
                if !entry.isRemoved && !isHidden { found.append(ZnodeTree.found(entry)) }
                index = entry.next
            }
        }
        guard !after.isEmpty else { return found }
        let start = ByteBuilder(capacity: ZnodeKey.byteCountMax)
        unsafe ZnodeKey.appendKeyName(of: after.span.bytes, to: start)
        return found.filter { unsafe Bytes.precedes(start.bytes, RawSpan($0.keyName)) }
    }

    private func sort(_ found: inout [FoundNode]) {
        found.sort { left, right in unsafe Bytes.precedes(RawSpan(left.keyName), RawSpan(right.keyName)) }
    }

    /// The children that the base has and the deltas say nothing of, in key order.
    ///
    private func scanBase(
        _ parent: NodeID, after: RawSpan, _ body: (_ keyName: RawSpan, _ name: RawSpan, _ node: Znode) -> Bool
    ) throws(StorageFault) {
        let key = ByteBuilder(capacity: ZnodeKey.byteCountMax)
        let buffer = ZnodeBuffer()
        let start = ByteBuilder(capacity: ZnodeKey.byteCountMax)
        ZnodeKey.appendKeyName(of: after, to: start)
        try reader.forEachChild(of: parent, after: start.bytes) { [self] keyName, value throws(StorageFault) in
            if isKnown(parent, keyName) { return true }
            key.removeAll()
            ZnodeKey.append(parent: parent, keyName: keyName, to: key)
            do throws(RowError) {
                try ZnodeRow.decode(key: key.bytes, value: value, into: buffer)
            } catch {
                throw StorageFault(
                    error.description, at: "the store's row of a child of \(parent.rawValue)",
                    remedy: "rebuild the store from the newest snapshot and the log: aviaryctl rebuild")
            }
            let name = buffer.longName.byteCount > 0 ? buffer.longName : keyName
            return body(keyName, name, buffer.node)
        }
    }

    /// Whether a delta says anything of a key.
    private func isKnown(_ parent: NodeID, _ keyName: RawSpan) -> Bool {
        let hash = hash64(keyName)
        if !active.find(parent: parent, keyName: keyName, nameHash: hash).isNone { return true }
        guard let frozen else { return false }
        return !frozen.table.find(parent: parent, keyName: keyName, nameHash: hash).isNone
    }
}
