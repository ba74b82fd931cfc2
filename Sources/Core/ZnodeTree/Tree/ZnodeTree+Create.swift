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
        let data: RawSpan
        if let given = request.data { data = given } else { data = RawSpan() }
        let dataByteCount = request.data == nil ? -1 : Int32(truncatingIfNeeded: data.byteCount)
        let node = Znode(
            id: meta.nextNodeID, zxid: context.zxid, time: meta.lastTime, owner: owner, dataByteCount: dataByteCount)
        let nameOffset = request.path.byteCount - parts.name.byteCount
        if mode.isSequential {
            let path = pathBuilder
            path.removeAll()
            path.append(request.path)
            SequenceSuffix.append(active[parent].node.createCount, to: path)
            try place(node, at: path.bytes, nameOffset, parent, accessList, data, context, output)
            reply(path.bytes, node, kind: kind, output)
        } else {
            try place(node, at: request.path, nameOffset, parent, accessList, data, context, output)
            reply(request.path, node, kind: kind, output)
        }
    }

    /// The checks that need the whole path, and the change.
    private func place(
        _ node: Znode, at path: RawSpan, _ nameOffset: Int, _ parent: DeltaIndex, _ accessList: [UInt8],
        _ data: RawSpan, _ context: borrowing CommandContext, _ output: ApplyOutput
    ) throws(TreeFailure) {
        try checkPath(path)
        if path.isRootPath { throw .refused(.nodeExists) }
        let name = nameKey(path.extracting(nameOffset..<path.byteCount))
        let sibling = try load(active[parent].node.id, name)
        if !sibling.isNone {
            // Another long name of the same hashes has taken the key: see `ZnodeKey`.
            throw .refused(isNamed(sibling, name) ? .nodeExists : .badArguments)
        }
        if active[parent].node.owner.isEphemeral { throw .refused(.noChildrenForEphemerals) }
        unsafe add(node, name, to: parent, accessList: accessList.span.bytes, data: data, path: path)
        meta.nextNodeID = NodeID(rawValue: meta.nextNodeID.rawValue + 1)
        output.addEvent(.nodeCreated, path: path, zxid: context.zxid, commandIndex: context.commandIndex)
        output.addEvent(
            .nodeChildrenChanged, path: path.extracting(0..<max(nameOffset - 1, 1)), zxid: context.zxid,
            commandIndex: context.commandIndex)
    }

    private func reply(_ path: RawSpan, _ node: Znode, kind: OpCode, _ output: ApplyOutput) {
        output.beginBody()
        output.bytes.append(juteString: path)
        if kind != .create { node.stat.encode(into: output.bytes) }
    }

    /// Who keeps the new znode alive. What is asked of a server as createContainer is one, whatever its flags.
    private func owner(
        _ mode: CreateMode, _ ttlMilliseconds: Int64, kind: OpCode, session: SessionID
    ) throws(TreeFailure) -> ZnodeOwner {
        if mode.hasTTL {
            guard kind == .createTTL, let owner = ZnodeOwner(ttlMilliseconds: ttlMilliseconds) else {
                throw .refused(.badArguments)
            }
            return owner
        }
        if kind == .createTTL { throw .refused(.badArguments) }
        if mode.isContainer || kind == .createContainer { return .container }
        return mode.isEphemeral ? ZnodeOwner(session) : .none
    }
}
