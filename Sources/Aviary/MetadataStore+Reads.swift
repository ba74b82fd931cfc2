internal import CoreTypes
internal import Jute
internal import ReplicaEngine
internal import Synchronization
internal import ZnodeTree
internal import ZooKeeperWire

/// Reads: synchronous, from any thread, of this replica, without a hop; O(depth) look-ups at most, one for a directory read before.
extension MetadataStore {
    /// The data and the Stat of a znode.
    ///
    /// - Throws: `AviaryError`: `noNode`; `damaged` if the store's row is.
    public func get(_ path: String) throws(AviaryError) -> Znode {
        let (data, stat) = try reading(path) { tree, bytes throws(TreeFailure) in
            let owner = ownerIdentities
            return try tree.node(bytes, identities: owner.span.bytes)
        }
        return Znode(data: data, stat: NodeStat(stat))
    }

    /// The Stat of a znode; nil if there is none.
    ///
    /// - Throws: `AviaryError`: `damaged` if the store's row is.
    public func exists(_ path: String) throws(AviaryError) -> NodeStat? {
        do throws(AviaryError) {
            let stat = try reading(path) { tree, bytes throws(TreeFailure) in
                let owner = ownerIdentities
                return try tree.stat(bytes, identities: owner.span.bytes)
            }
            return NodeStat(stat)
        } catch {
            if error.code == .noNode { return nil }
            throw error
        }
    }

    /// A page of the children of a znode, in the order of their names.
    ///
    /// - Parameters:
    ///   - after: the last name of the page before; nil for the first page.
    ///   - limit: children of the page, at least 1.
    ///   - includingData: reads the data of each along.
    /// - Throws: `AviaryError`: `noNode`, `badArguments`, `damaged`.
    /// - Complexity: O(children of the znode that changed since the last checkpoint, plus the page).
    public func children(
        of path: String, after: String? = nil, limit: Int = 1_000, includingData: Bool = false
    ) throws(AviaryError) -> ChildrenPage {
        guard limit > 0 else { throw AviaryError(.badArguments, "a page of \(limit) children; ask for at least 1") }
        let start = after.map { Array($0.utf8) } ?? []
        return try reading(path) { tree, bytes throws(TreeFailure) in
            var page = ChildrenPage(children: [], isLast: true, parentStat: NodeStat(Stat()))
            let owner = ownerIdentities
            let stat = try tree.forEachChild(of: bytes, identities: owner.span.bytes, after: start) { child in
                if page.children.count == limit {
                    page.isLast = false
                    return false
                }
                let name = String(decoding: [UInt8](copying: child.name), as: UTF8.self)
                page.children.append(ChildrenPage.Child(name: name, stat: NodeStat(child.node.stat), data: nil))
                return true
            }
            page.parentStat = NodeStat(stat)
            if includingData { try page.readData(tree, parent: bytes) }
            return page
        }
    }

    /// The access rules of a znode.
    ///
    /// - Throws: `AviaryError`: `noNode`, `damaged`.
    public func access(of path: String) throws(AviaryError) -> [AccessRule] {
        let list = try reading(path) { tree, bytes throws(TreeFailure) in
            let body = ByteBuilder()
            let owner = ownerIdentities
            try tree.getACL(bytes, identities: owner.span.bytes, into: body)
            var reader = JuteReader(body.bytes)
            return (try? AccessList(from: &reader))?.entries ?? []
        }
        return list.map { AccessRule($0) }
    }

    /// Returns when everything submitted before it is applied: a read that follows sees it. In a cluster it also sees
    /// everything that was acknowledged anywhere before; more than half of the voters are needed for that, and waited for.
    ///
    /// - Throws: `AviaryError`: `stopped`, `closed`.
    public func sync() async throws(AviaryError) {
        let isTaken: Bool = await withUnsafeContinuation { done in
            let isTaken = driver.perform { engine, gateway in
                gateway.barrier(on: engine) { done.resume(returning: $0) }
            }
            if !isTaken { done.resume(returning: false) }
        }
        if isTaken { return }
        throw isClosed.load(ordering: .acquiring) ? .closed : AviaryError(.stopped, "sync: the store has stopped")
    }

    private func reading<Value>(
        _ path: String, _ body: (ZnodeTree, RawSpan) throws(TreeFailure) -> Value
    ) throws(AviaryError) -> Value {
        if isClosed.load(ordering: .acquiring) { throw .closed }
        let bytes = Array(path.utf8)
        do throws(TreeFailure) {
            return try tree.withLock { tree throws(TreeFailure) in try body(tree, bytes.span.bytes) }
        } catch {
            throw AviaryError(error, path: path)
        }
    }
}

extension ChildrenPage {
    fileprivate mutating func readData(_ tree: ZnodeTree, parent: RawSpan) throws(TreeFailure) {
        let owner = ownerIdentities
        let base = [UInt8](copying: parent)
        for index in children.indices {
            let path = (base.count == 1 ? [] : base) + [UInt8(ascii: "/")] + Array(children[index].name.utf8)
            children[index].data = try tree.node(path.span.bytes, identities: owner.span.bytes).data
        }
    }
}
