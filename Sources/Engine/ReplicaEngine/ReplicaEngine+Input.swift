internal import Consensus
package import CoreTypes
internal import DurableLog
internal import ZnodeTree
package import ZooKeeperWire

/// Whether a command was taken in.
package enum SubmitResult: Equatable, Sendable {
    /// It will be answered through the gateway, once it is applied.
    case accepted
    /// It was not taken, and will not be: the disk is full. The session's sequence did not advance.
    case diskFull
    /// It was not taken, and none will be: the engine stopped for good.
    case stopped
}

extension ReplicaEngine {
    /// Bytes of commands that may wait for a slot before gateways are asked to take no more.
    static let congestionByteCount = 8 * 1_048_576

    /// Adds one who submits and is answered. At most four in the life of an engine.
    package func register(_ gateway: any ClientGateway) {
        invariant(gateways.count < 4, "more than four gateways")
        gateways.append(gateway)
    }

    /// A new attachment of a gateway: the name under which one connection holds a session.
    package func makeAttachment(for gateway: any ClientGateway) -> AttachmentID {
        guard let index = gateways.firstIndex(where: { $0 === gateway }) else {
            invariantBroken("an attachment for a gateway that is not registered", #fileID, #line)
        }
        attachmentCount = (attachmentCount + 1) & Self.attachmentCountMask
        return AttachmentID(rawValue: attachmentPrefix | (attachmentCount << 2) | UInt64(index))
    }

    /// The bits of an attachment from the top: 8 for the replica, 20 for its life, 34 for the number in it, 2 for the
    /// gateway. Lives and numbers may begin anew: nobody holds a session for a million starts, or for seventeen thousand
    /// million connections.
    static var attachmentLifeShift: UInt64 { 36 }
    private static var attachmentCountMask: UInt64 { (1 << 34) - 1 }

    /// The gateway that holds an attachment of this life; nil for one of an earlier life or of another replica.
    func gateway(of attachment: AttachmentID) -> (any ClientGateway)? {
        let index = Int(attachment.rawValue & 3)
        guard attachment.rawValue >> Self.attachmentLifeShift == attachmentPrefix >> Self.attachmentLifeShift,
            index < gateways.count
        else { return nil }
        return gateways[index]
    }

    /// Asks for a new session. Answered by a session event.
    ///
    /// - Parameter password: from a secure random source.
    package func openSession(
        _ attachment: AttachmentID, timeoutMilliseconds: UInt32, password: SessionPassword, isHidden: Bool = false
    ) -> SubmitResult {
        let session = SessionID(rawValue: nextSessionNumber)
        nextSessionNumber += 1
        peers?.asking[attachment] = .open(
            number: session.rawValue, timeoutMilliseconds: timeoutMilliseconds, password, isHidden: isHidden)
        return submitInternal(.openSession, session: session, attachment: attachment) { body in
            OpenSessionBody(
                replica: options.replica, timeoutMilliseconds: timeoutMilliseconds, password: password,
                isHidden: isHidden
            ).append(to: body)
        }
    }

    /// Asks to hold a session that exists. Answered by a session event, judged at apply.
    package func attachSession(
        _ attachment: AttachmentID, session: SessionID, password: SessionPassword, timeoutMilliseconds: UInt32
    ) -> SubmitResult {
        // In a cluster it may come more than once: it is void unless the session is still held by whom it was seen with.
        // If the session is not known here yet, a name that nobody has stands for that, and it is asked again.
        let seen = isClustered ? shared.withLock { $0.session(session) }?.attachment.rawValue ?? 1 : 0
        peers?.asking[attachment] = .attach(
            session, password, timeoutMilliseconds: timeoutMilliseconds, seen: seen)
        return submitInternal(.attachSession, session: session, attachment: attachment, sequence: seen) { body in
            AttachSessionBody(
                replica: options.replica, timeoutMilliseconds: timeoutMilliseconds, password: password
            ).append(to: body)
        }
    }

    /// Takes in a command of a session. Answered through the gateway after it was applied.
    ///
    /// - Parameters:
    ///   - kind: ZooKeeper's op code of a write, or -11 to close the session.
    ///   - sequence: 1 for the attachment's first command, then one more for each that was accepted.
    ///   - identities: the connection's proven identities and address, as `CommandWriter` encodes them.
    ///   - body: the request as it came, without its header. Copied.
    package func submit(
        kind: Int32, session: SessionID, attachment: AttachmentID, sequence: UInt64, identities: RawSpan,
        body: RawSpan
    ) -> SubmitResult {
        let refusal = refusal(ofByteCount: identities.byteCount + body.byteCount)
        guard refusal == .accepted else { return refusal }
        // Sessions still come and go: who reads needs one, and they take little.
        if kind != OpCode.closeSession.rawValue, checkpoints.isStuck(options) { return .diskFull }
        let header = CommandHeader(kind: kind, session: session, attachment: attachment, sequence: sequence)
        take(header, identities: identities, body: body)
        return .accepted
    }

    /// Ends the hidden sessions of earlier lives of this process, with their ephemerals.
    package func endHiddenSessions() {
        let sessions = shared.withLock { $0.openSessions }
        for session in sessions where session.isHidden && session.replica == options.replica {
            _ = submitInternal(.expireSession, session: session.id, attachment: session.attachment) { _ in }
        }
    }

    /// Notes that a session was heard of: now as of the last tick, or at a later moment.
    package func touch(_ session: SessionID, at tick: Tick? = nil) {
        tracker.touch(session, now: max(now, tick ?? now))
        if let peers, !consensus.isLeader { peers.touched.insert(session) }
    }

    /// The connection of an attachment is gone: its watches go, its session waits for its timeout or a new attachment.
    package func detach(_ attachment: AttachmentID) {
        watches.removeAll(of: attachment)
        barriers.removeAll { $0.attachment == attachment }
        peers?.asking[attachment] = nil
        peers?.outstanding.forgetAttaching(attachment)
    }

    /// Calls `barrierReached` of the attachment's gateway once everything accepted here before this call is applied here
    /// and, in a cluster, everything that was acknowledged anywhere before it (`design.md` D8): at once, from inside this
    /// call, if nothing is under way and this replica is alone.
    package func barrier(_ attachment: AttachmentID, token: UInt64) {
        guard isClustered else { return barrierAlone(attachment, token: token) }
        let number = current.isEmpty ? batchNumber : batchNumber + 1
        barriers.append(
            PendingBarrier(slot: nil, batchNumber: number, attachment: attachment, token: token))
        askForBarriers()
    }

    private func barrierAlone(_ attachment: AttachmentID, token: UInt64) {
        if current.isEmpty && waiting.isEmpty && pending.isEmpty {
            gateway(of: attachment)?.barrierReached(attachment, token: token)
            return
        }
        // Batches get their slots in order, so the one under way now gets this slot.
        let slotsAhead = UInt64(pending.slotCount + waiting.count + (current.isEmpty ? 0 : 1))
        let slot = Slot(rawValue: appliedSlot.rawValue + slotsAhead)
        barriers.append(PendingBarrier(slot: slot, attachment: attachment, token: token))
    }

    /// Ends a turn: the commands taken in since the last call share one slot.
    ///
    /// - Parameter writesLog: makes them durable on this thread, if the log's own is idle; blocks for as long as a
    ///   durable write takes. For a driver whose only client waits for it anyway. In a cluster no more than one command
    ///   is written so.
    /// - Returns: whether `processCompletions` is due.
    @discardableResult
    package func endOfInput(writesLog: Bool = false) -> Bool {
        // What a peer waits to be durable here comes before what is only to be applied.
        let appliesLater = writesLog && isClustered && !persistMarks.isEmpty
        if isClustered, !appliesLater { applyChosen() }
        closeCurrent()
        sendOutstanding()
        proposeWaiting()
        return endTurn(writesLog: writesLog) || appliesLater
    }

    /// Says to the peers what no other message carries, lets all messages of the turn leave, and then lets the log write:
    /// the peers have the longer way to their disks.
    ///
    /// - Returns: whether something was written, as `endOfInput` says.
    @discardableResult
    func endTurn(writesLog: Bool = false) -> Bool {
        if let peers, stopReason == nil {
            effects.removeAll()
            consensus.flush(into: &effects)
            interpretEffects()
            peers.link?.flush()
        }
        let writersInFlight = max(pending.commandCount, 1)
        guard writesLog else {
            log.submit(writersInFlight: writersInFlight)
            return false
        }
        return prefetching {
            log.submitAndWrite(writersInFlight: writersInFlight, writerCountMax: isClustered ? 1 : .max)
        }
    }

    /// Lets what is pending be looked up while `write` waits for the disk.
    private func prefetching(_ write: () -> Bool) -> Bool {
        guard Prefetcher.isWorthwhile, !isClustered, pending.commandCount >= Prefetcher.commandCountMin,
            prefetcher.begin(pending)
        else { return write() }
        // Before anything else is done: what is applied is reused.
        defer { prefetcher.end() }
        return write()
    }

    /// Does for a few microseconds what can be done already for batches that ended: gives them their slots, and looks up
    /// the znodes that they will change. For a driver that waits for more commands; whether it is done or not can be seen
    /// by nobody. The log writes it after `endOfInput`, or with a group that was submitted before.
    ///
    /// - Returns: false if there was nothing to do.
    package func prepare() -> Bool {
        guard Prefetcher.isWorthwhile, !isClustered else { return false }
        if !waiting.isEmpty, !checkpoints.mustWait(options) { proposeWaiting() }
        guard let batch = pending.firstBatch(where: { !$0.isLookedUp && !Prefetcher.leavesOut($0) }) else {
            return false
        }
        batch.lookUp(in: shared, count: Self.lookUpCount)
        return true
    }

    /// Look-ups at a time: a microsecond or two.
    private static let lookUpCount = 2

    /// Groups of fewer commands than this are not looked up while they are written.
    package static var lookUpGroupCommandCountMin: Int { Prefetcher.commandCountMin }

    /// The last command of a group is there, and the driver will write it at once: look-ups will be due. Any thread.
    package func expectWrite() { if Prefetcher.isWorthwhile { prefetcher.expect() } }

    /// About how long a durable write takes now, in nanoseconds; 0 before the first one.
    package var syncNanoseconds: UInt64 { log.syncNanoseconds }

    /// What is submitted from here on is applied, and its results are delivered, after everything submitted before was
    /// applied and delivered: it goes to another slot.
    ///
    /// For a gateway that executes a read between two writes of one connection when the first one's result comes.
    package func endBatch() { closeCurrent() }

    // MARK: Inside

    /// Whether a command of so many bytes is taken in.
    func refusal(ofByteCount byteCount: Int) -> SubmitResult {
        if stopReason != nil { return .stopped }
        // What waits already comes first; beyond it there must be room for this command and what is around it. One that
        // was taken in and finds no room would be answered only when there is room again.
        let isFull = !refusedRecords.isEmpty || !log.hasRoom(forByteCount: pendingByteCount + byteCount + 4_096)
        return isFull ? .diskFull : .accepted
    }

    func submitInternal(
        _ kind: InternalCommand, session: SessionID, attachment: AttachmentID, sequence: UInt64 = 0,
        _ fill: (ByteBuilder) -> Void
    ) -> SubmitResult {
        let refusal = refusal(ofByteCount: 0)
        guard refusal == .accepted else { return refusal }
        let scratch = scratch
        scratch.removeAll()
        fill(scratch)
        var header = CommandHeader(kind, session: session, attachment: attachment)
        header.sequence = sequence
        take(header, identities: RawSpan(), body: scratch.bytes)
        return .accepted
    }

    private func take(_ header: CommandHeader, identities: RawSpan, body: RawSpan) {
        if let peers, header.isDecision {
            let byteCount = CommandHeader.encodedByteCount + body.byteCount
            if !peers.decisions.hasRoom(commandByteCount: byteCount) { closeDecisions(peers) }
            peers.decisions.append(header, identities: identities, body: body)
            return
        }
        let byteCount = CommandHeader.encodedByteCount + identities.byteCount + body.byteCount
        if !current.hasRoom(commandByteCount: byteCount) { closeCurrent() }
        current.append(header, identities: identities, body: body)
        if isClustered { expect(header) }
        pendingByteCount += byteCount
        if pendingByteCount > Self.congestionByteCount { setCongested(true) }
    }

    /// Whoever submitted the command waits for it, whoever leads.
    private func expect(_ header: CommandHeader) {
        let isInternal = InternalCommand(rawValue: header.kind) != nil
        current.expect(header.attachment, isInternal ? 0 : header.sequence)
    }

    /// What this replica decided as the leader is proposed by it, or not at all: another leader decides for itself.
    private func closeDecisions(_ peers: PeerTraffic) {
        guard !peers.decisions.isEmpty else { return }
        if consensus.isServing {
            waiting.append(peers.decisions)
            peers.decisions = spareBatches.popLast() ?? ProposalBatch()
        } else {
            peers.decisions.removeAll()
        }
    }

    private func closeCurrent() {
        if let peers { closeDecisions(peers) }
        guard !current.isEmpty else { return }
        batchNumber += 1
        current.number = batchNumber
        if let peers {
            peers.outstanding.append(current)
        } else {
            waiting.append(current)
        }
        current = spareBatches.popLast() ?? ProposalBatch()
    }

    func setCongested(_ congested: Bool) {
        guard congested != isCongested else { return }
        isCongested = congested
        for gateway in gateways { gateway.congestionChanged(congested) }
    }
}

extension CommandHeader {
    /// A step that a leader decides upon by itself. One that is lost is decided upon anew by whoever finds it due.
    fileprivate var isDecision: Bool {
        switch InternalCommand(rawValue: kind) {
        case .expireSession, .reap, .noOp, .changeMembership: true
        case .openSession, .attachSession, nil: false
        }
    }
}

extension AttachmentID {
    /// The replica whose client holds a session by it.
    var replica: ReplicaID { ReplicaID(rawValue: UInt8(truncatingIfNeeded: rawValue >> 56)) }
}
