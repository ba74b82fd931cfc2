internal import Checksums
package import Consensus
package import CoreTypes
internal import DurableLog
package import PeerWire
internal import ZnodeTree

/// One of several replicas: messages in and out.
extension ReplicaEngine {
    /// Whether this replica is one of several.
    package var isClustered: Bool { peers != nil }

    package var roleState: RoleState { consensus.roleState }

    /// What ZooKeeper's four-letter words call this replica.
    package var mode: ReplicaMode {
        guard isClustered else { return .standalone }
        guard !isInstalling else { return .electing }
        switch consensus.roleState {
        case .leader(_, isServing: true): return .leader
        case .leader, .candidate, .follower(leader: .none, _): return .electing
        case .follower: return isVoter ? .follower : .observer
        }
    }

    private var isVoter: Bool {
        consensus.memberships.last?.membership.members.contains {
            $0.isVoter && $0.identity.replica == options.replica
        } ?? false
    }

    /// How long it is that a quorum confirmed the leader, of which this replica knows; nil alone, where nobody need.
    ///
    /// A session must not be served for longer than others wait before they end it (`design.md` D8).
    package var unconfirmedMilliseconds: UInt64? {
        guard isClustered else { return nil }
        let since = consensus.confirmedTick ?? openTick
        return now.rawValue - min(now.rawValue, since.rawValue)
    }

    /// Connects the engine with its peers.
    ///
    /// - Parameter link: kept weakly.
    package func connect(_ link: any PeerLink) { peers?.link = link }

    /// Takes a message of a peer. What follows from it leaves and is proposed by `endOfInput`.
    ///
    /// - Throws: if it is not a message; the connection that brought it should be closed.
    package func receive(_ body: RawSpan, from sender: ReplicaIdentity) throws(PeerWireError) {
        let (message, payloadOffset) = try PeerWire.decode(body)
        guard stopReason == nil, let peers else { return }
        let payload = body.extracting(payloadOffset...)
        noteHeard(sender, peers)
        switch message {
        case .consensus(let message): receive(message, payload, from: sender, peers)
        case .forward(let commandCount): takeForwarded(payload, Int(commandCount), from: sender.replica, peers)
        case .touches: takeTouches(payload)
        case .digest(let slot, let digest): takeDigest(digest, at: slot, from: sender.replica)
        case .fetchSnapshot(let after, let name, let offset):
            offerPiece(SnapshotOffers.Request(receiver: sender.replica, after: after, name: name, offset: offset))
        case .snapshotPiece(let name, let offset): takePiece(name, offset, payload, from: sender.replica)
        case .formation: break
        case .admission: takeAdmission(from: sender)
        }
    }

    /// A connection to a peer stands anew: what was under way on an older one is lost.
    package func peerConnected(_ replica: ReplicaID) {
        guard stopReason == nil, let peers else { return }
        effects.removeAll()
        consensus.peerConnected(replica, into: &effects)
        interpretEffects()
        if replica == peers.target { peers.outstanding.rewind() }
    }

    /// The connection to a peer broke.
    package func peerDisconnected(_ replica: ReplicaID) {
        guard stopReason == nil, let peers else { return }
        peers.quickest.forget()
        effects.removeAll()
        consensus.peerDisconnected(replica, into: &effects)
        interpretEffects()
    }

    /// Asks for the lead; for tests.
    package func campaign() {
        effects.removeAll()
        consensus.campaign(into: &effects)
        interpretEffects()
    }

    /// Hands the lead to another replica, if this one has it; to the most advanced one if `none`.
    package func transferLeadership(to replica: ReplicaID = .none) {
        effects.removeAll()
        consensus.transferLeadership(to: replica, into: &effects)
        interpretEffects()
    }

    // MARK: In

    private func receive(
        _ message: Message, _ payload: RawSpan, from sender: ReplicaIdentity, _ peers: PeerTraffic
    ) {
        if let (slot, ballot, value) = message.carriedValue, value.kind != .noOp {
            guard hasRoom(forValueOf: payload.byteCount), UInt64(crc32c(payload)) == value.checksum,
                (try? ProposalHeader(payload))?.commandCount == value.commandCount
            else { return }
            let batch = spareBatches.popLast() ?? ProposalBatch()
            batch.replace(with: payload, commandCount: Int(value.commandCount))
            peers.arrived = ArrivedValue(slot: slot, ballot: ballot, batch: batch)
        }
        if case .accepted(ballot: _, first: _, let last) = message { noteAcknowledgement(of: last, by: sender, peers) }
        effects.removeAll()
        consensus.receive(message, from: sender, into: &effects)
        interpretEffects()
        releaseBarriers()
        guard let arrived = peers.arrived else { return }
        peers.arrived = nil
        if pending[arrived.slot]?.batch !== arrived.batch { recycleUnlessRefused(arrived.batch) }
    }

    /// A value for which there is no room is as good as lost on the way: whoever sent it sends it again.
    private func hasRoom(forValueOf byteCount: Int) -> Bool {
        refusedRecords.isEmpty && log.hasRoom(forByteCount: byteCount + 4_096)
            && pending.slotCount < Limits.pendingSlotCountMax
    }

    /// A record that the log has no room for yet holds its bytes.
    func recycleUnlessRefused(_ batch: ProposalBatch) {
        if !refusedRecords.contains(where: { $0.batch === batch }) { recycle(batch) }
    }

    /// Commands of a peer's sessions. Only the leader takes them; who lost the lead lets them go, and the peer sends
    /// them to the next one.
    private func takeForwarded(
        _ commands: RawSpan, _ count: Int, from sender: ReplicaID, _ peers: PeerTraffic
    ) {
        guard consensus.isLeader, commands.byteCount <= Limits.proposalByteCountMax, count > 0,
            waiting.count < Limits.waitingBatchCountMax
        else { return }
        let batch = spareBatches.popLast() ?? ProposalBatch()
        batch.append(commands: commands, count: count)
        guard batch.isWellFormed else { return recycle(batch) }
        counters.forwardedBatches += 1
        waiting.append(batch)
        peers.note(sender, awaits: Slot(rawValue: appliedSlot.rawValue + UInt64(pending.slotCount + waiting.count)))
    }

    private func takeTouches(_ sessions: RawSpan) {
        guard consensus.isLeader else { return }
        var offset = 0
        while offset + 8 <= sessions.byteCount {
            let number = UInt64(
                littleEndian: unsafe sessions.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            tracker.touch(SessionID(rawValue: number), now: now)
            offset += 8
        }
    }

    // MARK: Out

    /// Sends what depends on nothing.
    func postMessages() {
        guard let peers else { return }
        for envelope in effects.send { post(envelope, peers) }
        for envelope in effects.sendAfterPersist { peers.deferred.append(envelope) }
        releaseDeferred()
        for request in effects.serve { serve(request, peers) }
    }

    /// Sends what waited for records that are durable now.
    ///
    /// Durability: tokens never fall along the queue, and `consensus.durable` is what the log has reported. So no
    /// message leaves that speaks of a record which is not on disk.
    func releaseDeferred() {
        guard let peers else { return }
        while let first = peers.deferred.first, first.after <= consensus.durable {
            peers.deferred.removeFirst()
            post(first.envelope, peers)
        }
    }

    private func post(_ envelope: Envelope, _ peers: PeerTraffic) {
        guard let link = peers.link else { return }
        let (scratch, empty) = (peers.scratch, peers.empty)
        scratch.removeAll()
        if let (slot, _, value) = envelope.message.carriedValue, value.kind != .noOp {
            guard let batch = bytes(of: value, in: slot) else { return noteUnreadable(envelope.message, slot) }
            let bytes = batch.bytes
            PeerWire.append(.consensus(envelope.message), payload: bytes.bytes, to: scratch)
        } else {
            PeerWire.append(.consensus(envelope.message), payload: empty.bytes, to: scratch)
        }
        let receiver = envelope.receiver
        switch envelope.message {
        case .accept where isSpared(receiver, peers): link.sendLater(scratch.bytes, to: receiver)
        case .chosen(ballot: _, let slot) where !peers.isAwaited(by: receiver, through: slot):
            if isSpared(receiver, peers) {
                link.sendLater(scratch.bytes, to: receiver)
            } else {
                link.sendUnhurried(scratch.bytes, to: receiver)
            }
        default: link.send(scratch.bytes, to: receiver)
        }
    }

    /// Whether a peer need not take part in the command under way, which is alone, as long as it lasts: enough others are
    /// quicker, and no client is there who could wait for it or see that it comes late (`Decisions/0008`).
    private func isSpared(_ replica: ReplicaID, _ peers: PeerTraffic) -> Bool {
        consensus.isServing && pending.slotCount <= 1 && pending.commandCount <= 1 && !peers.isAwaiting(replica)
            && peers.quickest.areQuicker(than: replica) && !mayHaveClients(replica, peers)
    }

    /// Whether a session is held at a replica, as far as is applied here. One that is being opened there waits for that
    /// (`PeerTraffic.isAwaiting`).
    private func mayHaveClients(_ replica: ReplicaID, _ peers: PeerTraffic) -> Bool {
        if let hosts = peers.hosts { return hosts.contains(replica) }
        let hosts = shared.withLock { tree in
            guard tree.sessionCount <= PeerTraffic.hostSessionCountMax else { return nil as Set<ReplicaID>? }
            return Set(tree.openSessions.map(\.attachment.replica))
        }
        peers.hosts = hosts
        return hosts?.contains(replica) ?? true
    }

    /// A peer has slots on disk.
    private func noteAcknowledgement(of last: Slot, by sender: ReplicaIdentity, _ peers: PeerTraffic) {
        guard let membership = consensus.memberships.last?.membership else { return }
        peers.quickest.acknowledged(last, by: sender.replica, neededCount: membership.quorumCount - 1)
    }

    /// A new leader waits for a value of which this replica said that it has it, or is this replica, and has to propose
    /// it. It can say otherwise only after its next start, which reads the whole log: until then it would keep the
    /// cluster waiting, and so it stops. Whatever else cannot be read is asked of somebody else.
    private func noteUnreadable(_ message: Message, _ slot: Slot) {
        switch message {
        case .held, .accept: break
        default: return
        }
        let number = slot.rawValue
        stop("the value accepted in slot \(number) cannot be read any more; start the replica again: a peer has it")
    }

    /// Answers a fetch with chosen values, in order, as many as fit.
    ///
    /// A value that cannot be read any more is in the state that stands here: who gets it from nobody takes a snapshot.
    private func serve(_ request: ServeRequest, _ peers: PeerTraffic) {
        guard let link = peers.link else { return }
        let scratch = peers.scratch
        var slot = request.slots.first
        var byteCount = 0
        var next = chosen(slot)
        if next == nil, slot <= appliedSlot {
            post(Envelope(to: request.receiver, .unavailable(firstSlot: slot.next)), peers)
        }
        while let (value, ballot, batch) = next {
            byteCount += Int(value.byteCount) + 64
            let isAtEnd = slot == request.slots.last || byteCount >= PeerTraffic.serveByteCountMax
            next = isAtEnd ? nil : chosen(slot.next)
            let learn = ChosenValue(slot: slot, ballot: ballot, value: value, isLast: next == nil)
            let bytes = batch?.bytes ?? peers.empty
            scratch.removeAll()
            PeerWire.append(.consensus(.learn(learn)), payload: bytes.bytes, to: scratch)
            link.send(scratch.bytes, to: request.receiver)
            slot = slot.next
        }
    }

    /// The value of a slot that is chosen; nil if it cannot be read.
    private func chosen(_ slot: Slot) -> (ValueDescriptor, Ballot, ProposalBatch?)? {
        if let held = pending[slot], held.batch != nil || held.value.kind == .noOp {
            return (held.value, held.ballot, held.batch)
        }
        guard let (entry, batch) = readLog(slot) else { return nil }
        return entry.byteCount == 0 ? (.noOp, entry.ballot, nil) : (batch.descriptor, entry.ballot, batch)
    }

    /// The bytes of a value that was accepted in a slot; nil if they are not here any more.
    func bytes(of value: ValueDescriptor, in slot: Slot) -> ProposalBatch? {
        if let held = pending[slot], held.value == value, let batch = held.batch { return batch }
        guard let (_, batch) = readLog(slot), batch.descriptor == value else { return nil }
        return batch
    }

    /// What the log has for a slot, whole.
    func readLog(_ slot: Slot) -> (AcceptedEntry, ProposalBatch)? {
        let bytes = ByteBuilder()
        guard let entry = try? log.read(slot, into: bytes), entry.state == .whole else { return nil }
        let batch = ProposalBatch()
        guard bytes.count > 0 else { return (entry, batch) }
        guard let header = try? ProposalHeader(bytes.bytes) else { return nil }
        batch.replace(with: bytes.bytes, commandCount: Int(header.commandCount))
        return (entry, batch)
    }

    // MARK: Own commands

    /// Sends the own batches that the present leader was not sent: into the own proposals, or in messages.
    func sendOutstanding() {
        guard let peers else { return }
        if consensus.isLeader {
            while let batch = peers.outstanding.nextUnsent() {
                waiting.append(batch.isTaken ? batch.copy() : batch)
                batch.isTaken = true
            }
        } else if peers.target != .none, let link = peers.link {
            let scratch = peers.scratch
            while let batch = peers.outstanding.nextUnsent() {
                let bytes = batch.bytes
                scratch.removeAll()
                PeerWire.append(
                    .forward(commandCount: UInt32(batch.commandCount)),
                    payload: bytes.bytes.extracting(ProposalHeader.encodedByteCount...), to: scratch)
                link.send(scratch.bytes, to: peers.target)
            }
        }
    }

    /// The role changed, or the leader: what was sent to the former one may be lost.
    func roleChanged(_ role: RoleState) {
        guard let peers else { return }
        let (leader, ballot): (ReplicaID, Ballot) =
            switch role {
            case .follower(let leader, let ballot): (leader, ballot)
            case .candidate(let ballot): (.none, ballot)
            case .leader(let ballot, _): (options.replica, ballot)
            }
        if case .leader(_, isServing: true) = role {
            peers.serveTick = now
            watchAllSessions()
            lastStamp = max(lastStamp, shared.withLock { $0.lastTime })
        }
        guard leader != peers.target || ballot != peers.targetBallot else { return }
        if leader != .none, leader != peers.target { counters.leaderChanges += 1 }
        peers.target = leader
        peers.targetBallot = ballot
        peers.quickest.forget()
        peers.outstanding.rewind()
        waiting.removeAll()
    }

    /// Nobody could be heard of by this leader before: every session gets its full time.
    private func watchAllSessions() {
        tracker = SessionTracker(periodMilliseconds: options.sessionPeriodMilliseconds, now: now)
        for session in shared.withLock({ $0.openSessions }) where !session.isHidden {
            tracker.add(session.id, timeoutMilliseconds: UInt64(session.timeoutMilliseconds), now: now)
        }
    }

    /// A leader that has had no room to propose for long, because its disk is full or its store takes no checkpoint, lets
    /// another one lead; and so does one that cannot read a chosen value which comes next. The others may have it, and not
    /// know that it is chosen: one of them finds out by leading.
    func yieldIfStuck() {
        guard let peers else { return }
        guard isWithoutRoom || consensus.isLeader && consensus.isDamaged(appliedSlot.next) else {
            peers.stuckTick = nil
            return
        }
        let since = peers.stuckTick ?? now
        peers.stuckTick = since
        guard now >= since.adding(milliseconds: PeerTraffic.stuckMillisecondsMax) else { return }
        peers.stuckTick = nil
        transferLeadership()
    }

    private var isWithoutRoom: Bool {
        guard consensus.isServing, let first = waiting.first else { return false }
        return !hasRoom(for: first)
    }

    /// Sends batches again that nothing was heard of for long: a message of theirs was lost.
    func repeatOutstanding() {
        guard let peers else { return }
        if peers.outstanding.takeProgress() || peers.outstanding.isEmpty || peers.target == .none {
            peers.repeatMilliseconds = PeerTraffic.repeatMillisecondsMin
        } else {
            guard now >= peers.repeatTick else { return }
            peers.repeatMilliseconds = min(peers.repeatMilliseconds * 2, PeerTraffic.repeatMillisecondsMax)
            if !consensus.isLeader { peers.outstanding.rewind() }
        }
        peers.repeatTick = now.adding(milliseconds: peers.repeatMilliseconds)
    }

    /// Tells the leader which sessions were heard of.
    func reportTouches() {
        guard let peers, now >= peers.touchTick else { return }
        peers.touchTick = now.adding(milliseconds: PeerTraffic.touchPeriodMilliseconds)
        guard !peers.touched.isEmpty, !consensus.isLeader, peers.target != .none, let link = peers.link else {
            peers.touched.removeAll(keepingCapacity: true)
            return
        }
        let (scratch, list) = (peers.scratch, self.scratch)
        list.removeAll()
        for session in peers.touched.sorted() { list.append(littleEndian: session.rawValue) }
        let count = UInt32(peers.touched.count)
        peers.touched.removeAll(keepingCapacity: true)
        scratch.removeAll()
        PeerWire.append(.touches(count: count), payload: list.bytes, to: scratch)
        link.send(scratch.bytes, to: peers.target)
    }
}

extension Message {
    /// The slot, ballot and value whose bytes go with the message.
    var carriedValue: (Slot, Ballot, ValueDescriptor)? {
        switch self {
        case .accept(let accept): (accept.slot, accept.ballot, accept.value)
        case .learn(let learn): (learn.slot, learn.ballot, learn.value)
        case .held(let slot, let ballot, let value): (slot, ballot, value)
        default: nil
        }
    }
}

extension ProposalBatch {
    /// True if its bytes are as many commands as it says, and nothing else.
    var isWellFormed: Bool {
        stamp(.zero)
        let bytes = bytes
        guard var reader = try? CommandReader(bytes.bytes) else { return false }
        do {
            while try reader.next() != nil {}
            return true
        } catch {
            return false
        }
    }
}
