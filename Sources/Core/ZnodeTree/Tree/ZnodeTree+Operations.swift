internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

/// The other writes of a client, each with ZooKeeper's order of checks (`PrepRequestProcessor.pRequest2Txn`).
extension ZnodeTree {
    func delete(
        _ request: borrowing DeleteRequest, context: borrowing CommandContext, output: ApplyOutput
    ) throws(TreeFailure) {
        guard let parts = PathParts(request.path), !request.path.containsZero, !isSpecial(request.path) else {
            throw .refused(.badArguments)
        }
        guard let parent = try existing(parts.parent) else { throw .refused(.noNode) }
        try check(.delete, parent, context)
        let index = parts.isReachable ? try child(parts.name, of: active[parent].node.id) : .none
        guard !index.isNone else { throw .refused(.noNode) }
        try checkVersion(request.version, active[index].node.version)
        guard active[index].node.childCount == 0 else { throw .refused(.notEmpty) }
        delete(index, from: parent, path: request.path, zxid: context.zxid)
        addDeletion(request.path, parts.parent, context.zxid, context.commandIndex, output)
        output.beginBody()
    }

    func setData(
        _ request: borrowing SetDataRequest, context: borrowing CommandContext, output: ApplyOutput
    ) throws(TreeFailure) {
        try checkPath(request.path)
        guard let index = try existing(request.path) else { throw .refused(.noNode) }
        try check(.write, index, context)
        try checkVersion(request.version, active[index].node.version)
        let data: RawSpan
        if let given = request.data { data = given } else { data = RawSpan() }
        let isNull = request.data == nil
        willChange(index)
        meta.approximateByteCount &-= UInt64(max(active[index].node.dataByteCount, 0))
        meta.approximateByteCount &+= UInt64(data.byteCount)
        active.setData(index, data, isInPlaceAllowed: undo == nil)
        active[index].node.dataByteCount = isNull ? -1 : Int32(data.byteCount)
        active[index].node.version = ZnodeTree.nextVersion(active[index].node.version)
        active[index].node.mzxid = context.zxid
        active[index].node.mtime = meta.lastTime
        output.addEvent(.nodeDataChanged, path: request.path, zxid: context.zxid, commandIndex: context.commandIndex)
        output.beginBody()
        active[index].node.stat.encode(into: output.bytes)
    }

    func setACL(
        _ request: borrowing SetACLRequest, context: borrowing CommandContext, output: ApplyOutput
    ) throws(TreeFailure) {
        try checkPath(request.path)
        let accessList = try AccessListFixing.fixed(request.accessList, identities: context.identities)
        guard let index = try existing(request.path) else { throw .refused(.noNode) }
        try check(.admin, index, context)
        try checkVersion(request.version, active[index].node.aversion)
        willChange(index)
        unsafe active.setAccessList(index, accessList.span.bytes)
        active[index].node.aversion = ZnodeTree.nextVersion(active[index].node.aversion)
        output.beginBody()
        active[index].node.stat.encode(into: output.bytes)
    }

    /// The `check` of a multi.
    func checkVersion(
        at path: RawSpan, _ version: Int32, context: borrowing CommandContext
    ) throws(TreeFailure) {
        try checkPath(path)
        guard let index = try existing(path) else { throw .refused(.noNode) }
        try check(.read, index, context)
        try checkVersion(version, active[index].node.version)
    }

    // MARK: Parts

    /// The entry of a path; nil if there is none.
    func existing(_ path: RawSpan) throws(TreeFailure) -> DeltaIndex? {
        let index = try node(at: path)
        return index.isNone ? nil : index
    }

    func check(
        _ permission: Permissions, _ index: DeltaIndex, _ context: borrowing CommandContext
    ) throws(TreeFailure) {
        let list = active[index].accessList
        guard list.count > 0 else { return }
        guard unsafe AccessCheck.allows(permission, RawSpan(list), context.identities) else { throw .refused(.noAuth) }
    }

    func checkPath(_ path: RawSpan) throws(TreeFailure) {
        do throws(PathError) {
            try PathRules.validate(path)
        } catch {
            throw .refused(.badArguments)
        }
    }

    func addDeletion(
        _ path: RawSpan, _ parent: RawSpan, _ zxid: Zxid, _ commandIndex: Int32, _ output: ApplyOutput
    ) {
        output.addEvent(.nodeDeleted, path: path, zxid: zxid, commandIndex: commandIndex)
        output.addEvent(.nodeChildrenChanged, path: parent, zxid: zxid, commandIndex: commandIndex)
    }

    private func checkVersion(_ expected: Int32, _ version: Int32) throws(TreeFailure) {
        guard expected == -1 || expected == version else { throw .refused(.badVersion) }
    }

    /// Wraps as ZooKeeper's does, but never to -1, which asks for any version (ZOOKEEPER-4743).
    private static func nextVersion(_ version: Int32) -> Int32 {
        let next = version &+ 1
        return next == -1 ? 0 : next
    }

    /// Whether ZooKeeper refuses to delete a path.
    private func isSpecial(_ path: RawSpan) -> Bool {
        path.equals("/") || path.equals("/zookeeper") || path.equals("/zookeeper/quota")
            || path.equals("/zookeeper/config")
    }
}
