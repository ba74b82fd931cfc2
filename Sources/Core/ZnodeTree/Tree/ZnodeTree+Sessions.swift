package import CoreTypes
internal import ZooKeeperWire

/// Opening, holding and ending sessions: commands like the others, judged at apply.
extension ZnodeTree {
    func openSession(
        _ header: CommandHeader, _ body: RawSpan, _ commandIndex: Int32, _ output: ApplyOutput
    ) {
        // The same command once more, because its result was lost with a leader: it took effect already.
        if sessions.session(header.session)?.attachment == header.attachment { return }
        guard let open = try? OpenSessionBody(body), ZnodeOwner.allows(header.session),
            meta.highestSessions.allows(header.session), sessions.count < Limits.sessionCountMax
        else { return refuse(header, commandIndex, output) }
        let zxid = takeZxid(output)
        let session = Session(
            id: header.session, password: open.password, timeoutMilliseconds: open.timeoutMilliseconds,
            replica: open.replica, isHidden: open.isHidden, attachment: header.attachment)
        sessions.insert(SessionTable.Record(session: session))
        dirtySessions.append(session.id)
        meta.highestSessions.note(session.id)
        output.sessionEvents.append(event(.opened, session, commandIndex, zxid))
    }

    /// Gives a session to another attachment.
    ///
    /// The header's sequence is the attachment that was seen to hold the session, and the command is refused if that is
    /// not so any more; 0 for whichever holds it. A repetition that turns up after the session moved on would else take
    /// it back, begin the sequence anew, and let the commands that are repeated with it be executed twice.
    func attachSession(
        _ header: CommandHeader, _ body: RawSpan, _ commandIndex: Int32, _ output: ApplyOutput
    ) {
        guard let attach = try? AttachSessionBody(body), let index = sessions.index(of: header.session),
            sessions[index].session.password == attach.password
        else { return refuse(header, commandIndex, output) }
        let former = sessions[index].session
        // The same command once more: to begin the sequence anew would let commands be executed twice.
        if former.attachment == header.attachment { return }
        if header.sequence != 0, header.sequence != former.attachment.rawValue {
            return refuse(header, commandIndex, output)
        }
        output.sessionEvents.append(event(.moved, former, commandIndex, meta.lastZxid))
        markDirty(index)
        sessions[index].session.attachment = header.attachment
        sessions[index].session.replica = attach.replica
        sessions[index].session.timeoutMilliseconds = attach.timeoutMilliseconds
        sessions[index].session.nextSequence = 1
        output.sessionEvents.append(event(.attached, sessions[index].session, commandIndex, meta.lastZxid))
    }

    /// Ends a session that was not heard of; void if another attachment holds it by now.
    func expireSession(_ header: CommandHeader, _ commandIndex: Int32, _ output: ApplyOutput) throws(StorageFault) {
        guard let index = sessions.index(of: header.session),
            sessions[index].session.attachment == header.attachment
        else { return }
        try end(sessions[index].session, .expired, commandIndex, output, result: nil)
    }

    /// Ends a session and deletes its ephemerals, under one zxid.
    ///
    /// - Parameter result: the close command of a client, which gets a result before the event.
    func end(
        _ session: Session, _ kind: SessionEvent.Kind, _ commandIndex: Int32, _ output: ApplyOutput,
        result header: CommandHeader?
    ) throws(StorageFault) {
        let owned = sessions.ephemerals(of: session.id)
        // All are found before the first is deleted: a fault leaves everything as it was.
        for ephemeral in owned {
            guard let index = try find(ephemeral.path), active[index].node.id == ephemeral.node else {
                throw ZnodeTree.missingEphemeral(ephemeral.node, of: session.id)
            }
        }
        let zxid = takeZxid(output)
        for ephemeral in owned {
            try remove(ephemeral.path, node: ephemeral.node, zxid: zxid, commandIndex, output)
        }
        settleOwners()
        forget(session)
        if let header {
            output.results.append(CommandResult(header, commandIndex: commandIndex, zxid: zxid))
        }
        output.sessionEvents.append(event(kind, session, commandIndex, zxid))
    }

    /// Deletes a container or a znode with a time to live if it still is to be deleted.
    func reap(_ body: RawSpan, _ commandIndex: Int32, _ output: ApplyOutput) throws(StorageFault) {
        guard body.byteCount > 8 else { return }
        let number = UInt64(littleEndian: unsafe body.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let path = [UInt8](copying: body.extracting(8..<body.byteCount))
        guard let index = try find(path) else { return }
        let node = active[index].node
        guard node.id.rawValue == number, ZnodeTree.isReapable(node, now: meta.lastTime) else { return }
        let zxid = takeZxid(output)
        try remove(path, node: node.id, zxid: zxid, commandIndex, output)
        settleOwners()
    }

    /// Containers and znodes with a time to live that are to be deleted now, at most so many, by id.
    ///
    /// - Complexity: O(all of them): each is looked up, without being brought into the delta.
    package func reapCandidates(now: WallClockTime, countMax: Int) -> [(node: NodeID, path: [UInt8])] {
        var found: [(node: NodeID, path: [UInt8])] = []
        reapables.forEach(reapableList) { node, path in
            // A fault is not for a look at what might be deleted: whoever reads or writes there meets it.
            if let there = unsafe try? find(path.span.bytes), there.node.id == node,
                ZnodeTree.isReapable(there.node, now: now)
            {
                found.append((node, path))
            }
            return found.count < countMax
        }
        return found
    }

    // MARK: Parts

    /// A container that had children and has none; a znode whose time to live is over and that has no children.
    private static func isReapable(_ node: Znode, now: WallClockTime) -> Bool {
        guard node.childCount == 0 else { return false }
        if node.owner.isContainer { return node.createCount > 0 }
        guard let ttl = node.owner.ttlMilliseconds else { return false }
        return now.rawValue &- node.mtime.rawValue > ttl
    }

    /// The entry at a path that is known to be well formed.
    @discardableResult
    private func find(_ path: [UInt8]) throws(StorageFault) -> DeltaIndex? {
        do throws(TreeFailure) {
            let index = unsafe try existing(path.span.bytes)
            if let parts = unsafe PathParts(path.span.bytes) { _ = try existing(parts.parent) }
            return index
        } catch {
            if case .fault(let fault) = error { throw fault }
            return nil
        }
    }

    private static func missingEphemeral(_ node: NodeID, of session: SessionID) -> StorageFault {
        StorageFault(
            "ephemeral \(node.rawValue) of session 0x\(String(session.rawValue, radix: 16)) is listed, but not there",
            at: "the store's rows of znodes",
            remedy: "rebuild the store from the newest snapshot and the log: aviaryctl rebuild")
    }

    private func remove(
        _ path: [UInt8], node: NodeID, zxid: Zxid, _ commandIndex: Int32, _ output: ApplyOutput
    ) throws(StorageFault) {
        guard let index = try find(path), active[index].node.id == node else { return }
        let bytes = unsafe path.span.bytes
        guard let parts = PathParts(bytes) else { return }
        let parent: DeltaIndex?
        do throws(TreeFailure) {
            parent = try existing(parts.parent)
        } catch {
            if case .fault(let fault) = error { throw fault }
            return
        }
        guard let parent else { return }
        delete(index, from: parent, path: bytes, zxid: zxid)
        addDeletion(bytes, parts.parent, zxid, commandIndex, output)
    }

    func markDirty(_ index: Int) {
        guard !sessions[index].isDirty else { return }
        meta.digest.sessions &-= sessions[index].rowChecksum
        sessions[index].isDirty = true
        dirtySessions.append(sessions[index].session.id)
    }

    private func forget(_ session: Session) {
        if let index = sessions.index(of: session.id), !sessions[index].isDirty {
            meta.digest.sessions &-= sessions[index].rowChecksum
        }
        sessions.remove(session.id)
        let key = ByteBuilder(capacity: 16)
        SystemKey.append(session: session.id, to: key)
        active.systemRows.remove(key.bytes)
    }

    private func refuse(_ header: CommandHeader, _ commandIndex: Int32, _ output: ApplyOutput) {
        output.sessionEvents.append(
            SessionEvent(
                commandIndex: commandIndex, kind: .refused, session: header.session, attachment: header.attachment,
                zxid: meta.lastZxid, sequence: header.sequence))
    }

    private func event(
        _ kind: SessionEvent.Kind, _ session: Session, _ commandIndex: Int32, _ zxid: Zxid
    ) -> SessionEvent {
        SessionEvent(
            commandIndex: commandIndex, kind: kind, session: session.id, attachment: session.attachment,
            timeoutMilliseconds: session.timeoutMilliseconds, password: session.password, isHidden: session.isHidden,
            zxid: zxid)
    }
}
