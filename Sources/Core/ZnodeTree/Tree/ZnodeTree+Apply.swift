package import CoreTypes
internal import Jute
internal import ZooKeeperWire

extension ZnodeTree {
    /// Executes the proposal of a slot: every command in order, each with its result, its events and what it did to
    /// sessions.
    ///
    /// Total: any bytes give results. Those that are not commands are refused, and those that follow them in the
    /// proposal are not executed, equally on every replica.
    ///
    /// - Parameters:
    ///   - slot: the one after `appliedSlot`.
    ///   - output: takes what comes of it; what it held stays.
    /// - Throws: when the store could not be read. The slot then counts as not applied and the tree must not be used
    ///   any more: commands before the one that met the fault have taken effect.
    package func apply(slot: Slot, proposal: RawSpan, into output: ApplyOutput) throws(StorageFault) {
        invariant(slot == meta.appliedSlot.next, "slot \(slot.rawValue) after \(meta.appliedSlot.rawValue)")
        try applyCommands(proposal, output)
        meta.appliedSlot = slot
        if staleEntries.count >= Self.staleEntryCountMax { refreshEntries() }
    }

    /// Rows whose checksums may be out of date after a slot: beyond it they are brought up to date, so that freezing and
    /// asking for the digest never take long.
    private static let staleEntryCountMax = 1_024

    private func applyCommands(_ proposal: RawSpan, _ output: ApplyOutput) throws(StorageFault) {
        // A no-op that filled a hole has no bytes.
        guard proposal.byteCount > 0 else { return }
        guard var reader = try? CommandReader(proposal) else { return }
        meta.lastTime = max(meta.lastTime, reader.header.time)
        var commandIndex: Int32 = 0
        while let command = try? reader.next() {
            try apply(
                command.header, identities: proposal.extracting(command.identities),
                body: proposal.extracting(command.body), commandIndex, output)
            commandIndex &+= 1
        }
    }

    private func apply(
        _ header: CommandHeader, identities: RawSpan, body: RawSpan, _ commandIndex: Int32, _ output: ApplyOutput
    ) throws(StorageFault) {
        switch InternalCommand(rawValue: header.kind) {
        case .openSession: openSession(header, body, commandIndex, output)
        case .attachSession: attachSession(header, body, commandIndex, output)
        case .expireSession: try expireSession(header, commandIndex, output)
        case .reap: try reap(body, commandIndex, output)
        case .noOp: break
        case .changeMembership: changeMembership(body)
        case nil: try applyClient(header, identities: identities, body: body, commandIndex, output)
        }
    }

    /// A command of a session is executed if it is the next one of the attachment that holds the session (`design.md`
    /// D7): so each takes effect exactly once, and in order, however often it was proposed and whatever was lost.
    private func applyClient(
        _ header: CommandHeader, identities: RawSpan, body: RawSpan, _ commandIndex: Int32, _ output: ApplyOutput
    ) throws(StorageFault) {
        func skip(_ outcome: CommandOutcome, _ error: ErrorCode) {
            output.results.append(
                CommandResult(
                    header, commandIndex: commandIndex, zxid: meta.lastZxid, outcome: outcome, error: error))
        }
        guard let index = sessions.index(of: header.session) else { return skip(.unknownSession, .sessionExpired) }
        let session = sessions[index].session
        guard session.attachment == header.attachment else { return skip(.moved, .sessionMoved) }
        if header.sequence < session.nextSequence { return skip(.repeated, .ok) }
        if header.sequence > session.nextSequence { return skip(.gap, .connectionLoss) }
        if header.kind == OpCode.closeSession.rawValue {
            return try end(session, .closed, commandIndex, output, result: header)
        }
        let context = CommandContext(
            zxid: meta.lastZxid.next, session: session.id, commandIndex: commandIndex, identities: identities)
        var error = ErrorCode.ok
        do throws(TreeFailure) {
            try execute(OpCode(rawValue: header.kind), body, context: context, output: output)
        } catch {
            switch error {
            case .fault(let fault): throw fault
            case .refused(let code):
                ownerChanges.removeAll(keepingCapacity: true)
                return finish(header, index, commandIndex, error: code, output)
            }
        }
        settleOwners()
        error = .ok
        finish(header, index, commandIndex, error: error, output)
    }

    private func finish(
        _ header: CommandHeader, _ index: Int, _ commandIndex: Int32, error: ErrorCode, _ output: ApplyOutput
    ) {
        let zxid = takeZxid(output)
        markDirty(index)
        sessions[index].session.nextSequence += 1
        let bodyOffset = error == .ok ? output.bodyOffset : output.bytes.count
        output.results.append(
            CommandResult(
                header, commandIndex: commandIndex, zxid: zxid, error: error, bodyOffset: bodyOffset,
                bodyByteCount: output.bytes.count - bodyOffset))
    }

    /// The next zxid; the command that takes it is executed.
    func takeZxid(_ output: ApplyOutput) -> Zxid {
        meta.lastZxid = meta.lastZxid.next
        output.executedCount += 1
        return meta.lastZxid
    }

    private func execute(
        _ operation: OpCode, _ body: RawSpan, context: borrowing CommandContext, output: ApplyOutput
    ) throws(TreeFailure) {
        var reader = JuteReader(body)
        do {
            switch operation {
            case .setData: try setData(try SetDataRequest(from: &reader), context: context, output: output)
            case .create, .create2, .createContainer, .createTTL:
                let request = try CreateRequest(from: &reader, hasTTL: operation == .createTTL)
                try create(request, kind: operation, context: context, output: output)
            case .delete: try delete(try DeleteRequest(from: &reader), context: context, output: output)
            case .setACL: try setACL(try SetACLRequest(from: &reader), context: context, output: output)
            case .multi: try multi(body, context: context, output: output)
            default: throw TreeFailure.refused(.unimplemented)
            }
        } catch let failure as TreeFailure {
            throw failure
        } catch {
            throw .refused(.marshallingError)
        }
    }
}
