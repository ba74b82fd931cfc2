internal import Checksums
package import CoreTypes
internal import Jute
package import ZooKeeperWire

/// What clients read, under the owner's lock. Bodies are appended as they follow a reply header; after an error nothing
/// of use was appended.
extension ZnodeTree {
    /// Appends `{data, stat}` of a znode that the identities may read.
    package func getData(_ path: RawSpan, identities: RawSpan, into bytes: ByteBuilder) throws(TreeFailure) -> Stat {
        let found = try readable(path, identities, wantsData: true)
        if found.node.dataByteCount < 0 {
            bytes.appendJuteNull()
        } else {
            unsafe bytes.append(juteBuffer: RawSpan(found.data))
        }
        let stat = found.node.stat
        stat.encode(into: bytes)
        return stat
    }

    /// The data, nil for null, and the Stat of a znode that the identities may read.
    package func node(
        _ path: RawSpan, identities: RawSpan
    ) throws(TreeFailure) -> (data: [UInt8]?, stat: Stat) {
        let found = try readable(path, identities, wantsData: true)
        if found.node.dataByteCount < 0 { return (nil, found.node.stat) }
        return (unsafe [UInt8](copying: RawSpan(found.data)), found.node.stat)
    }

    /// The Stat of a znode that the identities may read.
    package func stat(_ path: RawSpan, identities: RawSpan) throws(TreeFailure) -> Stat {
        try readable(path, identities, wantsData: false).node.stat
    }

    /// What a watch that is set again compares: the Stat whoever asks, nil if the znode is gone.
    package func statForWatch(_ path: RawSpan) throws(TreeFailure) -> Stat? {
        try find(path)?.node.stat
    }

    /// Whether the identities may read a znode: else its watchers are not told of it. True if it is gone.
    package func mayRead(_ path: RawSpan, identities: RawSpan) throws(TreeFailure) -> Bool {
        guard let found = try find(path) else { return true }
        return unsafe AccessCheck.allows(.read, RawSpan(found.accessList), identities)
    }

    /// Appends `{acl, stat}`. Who may not administer the znode gets its digests masked (`getACL` of ZooKeeper 3.9).
    package func getACL(_ path: RawSpan, identities: RawSpan, into bytes: ByteBuilder) throws(TreeFailure) {
        guard let found = try find(path) else { throw .refused(.noNode) }
        let list = found.accessList
        guard list.count > 0 else {
            AccessList.worldAnyoneAll.encode(into: bytes)
            found.node.stat.encode(into: bytes)
            return
        }
        let isAdmin = unsafe AccessCheck.allows(.admin, RawSpan(list), identities)
        let mayRead = unsafe AccessCheck.allows(.read, RawSpan(list), identities)
        guard isAdmin || mayRead else { throw .refused(.noAuth) }
        if isAdmin {
            unsafe bytes.append(RawSpan(list))
        } else {
            try unsafe appendMasked(RawSpan(list), to: bytes)
        }
        found.node.stat.encode(into: bytes)
    }

    /// Appends `{children}`, or `{children, stat}`.
    package func getChildren(
        _ path: RawSpan, identities: RawSpan, withStat: Bool, into bytes: ByteBuilder
    ) throws(TreeFailure) {
        let node = try readable(path, identities, wantsData: false).node
        let countOffset = bytes.count
        bytes.append(juteVectorCount: Int(node.childCount))
        var count: UInt32 = 0
        var digest: UInt64 = 0
        try forEachChild(of: node.id, after: [], isSorted: false) { child in
            bytes.append(juteString: child.name)
            count += 1
            digest &+= hash64(child.name)
            return true
        }
        guard count == node.childCount, digest == node.childNamesDigest else {
            bytes.truncate(to: countOffset)
            throw .fault(ZnodeTree.missingChildren(of: node, count: count))
        }
        if withStat { node.stat.encode(into: bytes) }
    }

    /// Calls `body` with the children of a znode in the order of their names, beginning behind `after`, until it
    /// returns false.
    package func forEachChild(
        of path: RawSpan, identities: RawSpan, after: [UInt8], _ body: (borrowing ChildView) -> Bool
    ) throws(TreeFailure) -> Stat {
        let node = try readable(path, identities, wantsData: false).node
        try forEachChild(of: node.id, after: after, isSorted: true, body)
        return node.stat
    }

    /// Znodes below a path, without the znode itself: what `getAllChildrenNumber` counts.
    ///
    /// - Complexity: O(znodes below).
    package func countBelow(_ path: RawSpan, identities: RawSpan) throws(TreeFailure) -> Int {
        let node = try readable(path, identities, wantsData: false).node
        var waiting = [node.id]
        var count = 0
        while let next = waiting.popLast() {
            try forEachChild(of: next, after: [], isSorted: false) { child in
                count += 1
                if child.node.childCount > 0 { waiting.append(child.node.id) }
                return true
            }
        }
        return count
    }

    // MARK: Parts

    private func readable(_ path: RawSpan, _ identities: RawSpan, wantsData: Bool) throws(TreeFailure) -> FoundNode {
        guard let found = try find(path, wantsData: wantsData) else { throw .refused(.noNode) }
        guard unsafe AccessCheck.allows(.read, RawSpan(found.accessList), identities) else { throw .refused(.noAuth) }
        return found
    }

    private func appendMasked(_ list: RawSpan, to bytes: ByteBuilder) throws(TreeFailure) {
        var reader = JuteReader(list)
        guard var entries = try? AccessList(from: &reader).entries else { throw .refused(.systemError) }
        for index in entries.indices where entries[index].scheme == Array("digest".utf8) {
            let user = entries[index].id.prefix { $0 != UInt8(ascii: ":") }
            entries[index].id = Array(user) + Array(":x".utf8)
        }
        AccessList(entries).encode(into: bytes)
    }

    private static func missingChildren(of node: Znode, count: UInt32) -> StorageFault {
        StorageFault(
            "\(count) children were found where the parent counts \(node.childCount), or others than it knows",
            at: "the store's rows of parent \(node.id.rawValue)",
            remedy: "rebuild the store from the newest snapshot and the log: aviaryctl rebuild")
    }
}
