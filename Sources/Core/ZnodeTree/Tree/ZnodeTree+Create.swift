internal import CoreTypes
internal import Jute
internal import ZooKeeperWire

extension ZnodeTree {
    /// Creates a znode. The checks come in ZooKeeper's order (`PrepRequestProcessor.pRequest2TxnCreate`), which
    /// decides what a client sees when several things are wrong.
    ///
    /// - Parameter kind: the op code that the request came with.
    func create(
        _ request: borrowing CreateRequest, kind: OpCode, context: borrowing CommandContext, output: ApplyOutput
    ) throws(TreeFailure) {
        guard let mode = CreateMode(rawValue: request.flags) else { throw .refused(.badArguments) }
        let owner = try owner(mode, request.ttlMilliseconds, kind: kind, session: context.session)
        guard let parts = PathParts(request.path), !request.path.containsZero else { throw .refused(.badArguments) }
        let accessList = try AccessListFixing.fixed(request.accessList, identities: context.identities)
        guard let parent = try existing(parts.parent) else { throw .refused(.noNode) }
        try check(.create, parent, context)
        let path = ByteBuilder(capacity: request.path.byteCount + 16)
        path.append(request.path)
        if mode.isSequential { SequenceSuffix.append(active[parent].node.createCount, to: path) }
        do throws(PathError) {
            try PathRules.validate(path.bytes)
        } catch {
            throw .refused(.badArguments)
        }
        guard let whole = PathParts(path.bytes) else { throw .refused(.badArguments) }
        if path.bytes.isRootPath { throw .refused(.nodeExists) }
        guard try child(whole.name, of: active[parent].node.id).isNone else { throw .refused(.nodeExists) }
        if active[parent].node.owner.isEphemeral { throw .refused(.noChildrenForEphemerals) }
        let data: RawSpan
        if let given = request.data { data = given } else { data = RawSpan() }
        let dataByteCount = request.data == nil ? -1 : Int32(data.byteCount)
        let node = Znode(
            id: meta.nextNodeID, zxid: context.zxid, time: meta.lastTime, owner: owner,
            dataByteCount: dataByteCount)
        let isAdded = unsafe add(
            node, name: whole.name, to: parent, accessList: accessList.span.bytes, data: data,
            path: path.bytes)
        guard isAdded else { throw .refused(.badArguments) }
        meta.nextNodeID = NodeID(rawValue: meta.nextNodeID.rawValue + 1)
        output.addEvent(.nodeCreated, path: path.bytes, zxid: context.zxid, commandIndex: context.commandIndex)
        output.addEvent(
            .nodeChildrenChanged, path: parts.parent, zxid: context.zxid, commandIndex: context.commandIndex)
        output.beginBody()
        output.bytes.append(juteString: path.bytes)
        if kind != .create { node.stat.encode(into: output.bytes) }
    }

    /// Who keeps the new znode alive.
    private func owner(
        _ mode: CreateMode, _ ttlMilliseconds: Int64, kind: OpCode, session: SessionID
    ) throws(TreeFailure) -> ZnodeOwner {
        if mode.hasTTL {
            guard kind == .createTTL, let owner = ZnodeOwner(ttlMilliseconds: ttlMilliseconds) else {
                throw .refused(.badArguments)
            }
            return owner
        }
        if kind == .createTTL && ttlMilliseconds >= 0 { throw .refused(.badArguments) }
        if mode.isContainer { return .container }
        return mode.isEphemeral ? ZnodeOwner(session) : .none
    }
}
