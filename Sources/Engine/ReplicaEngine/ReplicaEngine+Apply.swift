internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import ZnodeTree

extension ReplicaEngine {
    /// Takes in what other threads finished: durable groups, checkpoints, snapshots. Applies what became chosen,
    /// answers it, and proposes what waited for room.
    package func processCompletions() {
        processMaintenance()
        guard stopReason == nil else { return }
        appendRecords()
        recordMembership()
        takeDurable()
        peers?.link?.flush()
        switchIfRecorded()
        applyChosen()
        if let failure = log.failure { stop("the log failed: \(failure)") }
        scheduleMaintenance()
        sendOutstanding()
        proposeWaiting()
        endTurn()
    }

    /// Tells consensus what the log has made durable since the last call.
    func takeDurable() {
        let durable = log.durableSequence
        var token: PersistToken?
        while let mark = persistMarks.first, mark.sequence <= durable {
            token = mark.token
            persistMarks.removeFirst()
        }
        guard let token else { return }
        effects.removeAll()
        consensus.persisted(through: token, into: &effects)
        interpretEffects()
        releaseDeferred()
    }

    /// Applies chosen slots in order, and delivers their results.
    func applyChosen() {
        guard appliedSlot < chosenSlot else { return }
        let before = appliedSlot
        while appliedSlot < chosenSlot, stopReason == nil, mayApply {
            let slot = appliedSlot.next
            if let held = pending[slot], held.batch != nil || held.value.kind == .noOp {
                apply(slot, held.batch, held.sequence)
            } else if !consensus.isDamaged(slot), let (entry, batch) = readLog(slot) {
                apply(slot, entry.byteCount == 0 ? nil : batch, log.lastSequence)
            } else {
                reportDamage(of: slot)
                break
            }
        }
        guard appliedSlot > before else { return }
        effects.removeAll()
        consensus.applied(through: appliedSlot, into: &effects)
        interpretEffects()
        for gateway in gateways { gateway.batchEnded() }
    }

    /// A slot that comes next cannot be read: it is fetched from a peer, and goes on then.
    private func reportDamage(of slot: Slot) {
        guard reportedDamage != slot else { return }
        reportedDamage = slot
        counters.damagedSlots += 1
        effects.removeAll()
        consensus.damaged(SlotRange(first: slot, last: slot), into: &effects)
        interpretEffects()
    }

    /// A follower does not let its delta grow without bound; a leader proposes no more (`hasRoom`), and applies. Nothing
    /// is applied to a store that another one is about to replace.
    private var mayApply: Bool {
        guard let peers else { return true }
        if let installation = peers.installation, installation.isRepair || installation.phase != .receiving {
            return false
        }
        return consensus.isLeader || !checkpoints.mustWait(options) && !checkpoints.isStuck(options)
    }

    private func apply(_ slot: Slot, _ batch: ProposalBatch?, _ sequence: LogSequence) {
        if let batch { releaseBarriers(before: batch) }
        let output = output
        output.removeAll()
        let bytes = batch?.bytes ?? noBytes
        let isPrefetched = batch?.hidesReplayTime ?? false
        let start = isPrefetched ? 0 : options.applyClock()
        let newestFirstSlot: Slot
        do throws(StorageFault) {
            let (deltaByteCount, firstSlot) = try shared.withLock { tree throws(StorageFault) in
                try tree.apply(slot: slot, proposal: bytes.bytes, into: output)
                appliedZxid = tree.lastZxid
                return (tree.deltaByteCount, tree.membershipFirstSlot)
            }
            newestFirstSlot = firstSlot
            checkpoints.noteApplied(
                commands: batch?.commandCount ?? 1, bytes: bytes.count, deltaByteCount: deltaByteCount,
                nanoseconds: isPrefetched ? nil : options.applyClock() - start)
        } catch {
            storeFailed("the store could not be read while slot \(slot.rawValue) was applied: \(error)")
            return
        }
        pending.removeFirst()
        appliedSlot = slot
        appliedSequence = max(appliedSequence, sequence)
        followMembership(of: slot, newestFirstSlot)
        counters.commands += UInt64(output.executedCount)
        observer?.applied(slot, proposal: bytes.bytes, lastZxid: appliedZxid, output: output)
        deliver()
        if let batch { recycleUnlessRefused(batch) }
        if isClustered {
            dropDone()
            exchangeDigest(of: slot)
        }
        releaseBarriers()
    }

    /// Lets go of batches of which everything was seen applied.
    private func dropDone() {
        guard let peers else { return }
        while let batch = peers.outstanding.popDone() {
            pendingByteCount -= batch.commandByteCount
            // One that was sent away is nobody else's; one that was proposed here may still stand in its slot.
            if !batch.isTaken { reuse(batch) }
        }
        noteCongestion()
    }

    /// All events of the slot, then for each command its result and what it did to sessions.
    ///
    /// A gateway may execute a read as soon as it has a result, and the read sees the whole slot: no event of the slot
    /// may come after that, neither to a watch that was to tell of it nor to one that the read sets (`design.md` D8).
    private func deliver() {
        let output = output
        // Asked once: to ask is to copy the table.
        if !watches.isEmpty { for event in output.events { fire(event) } }
        var session = 0
        for result in output.results {
            while session < output.sessionEvents.count,
                output.sessionEvents[session].commandIndex < result.commandIndex
            {
                follow(output.sessionEvents[session])
                session += 1
            }
            if result.outcome != .executed { count(result.outcome) }
            answer(result, output)
        }
        for rest in output.sessionEvents[session...] { follow(rest) }
    }

    private func count(_ outcome: CommandOutcome) {
        if outcome == .repeated { counters.repeatedCommands += 1 }
        if outcome == .gap { counters.refusedGaps += 1 }
    }

    /// Hands a result to whoever waits for it.
    ///
    /// In a cluster a command may turn up more than once. The first execution is the answer; a repetition is none, and
    /// neither is a gap: what is missing comes again, and this command after it.
    private func answer(_ result: CommandResult, _ output: ApplyOutput) {
        guard let gateway = gateway(of: result.attachment) else { return }
        if let peers {
            if result.outcome == .gap || result.outcome == .repeated { return }
            guard peers.outstanding.complete(result.attachment, result.sequence) else { return }
        }
        gateway.commandApplied(result, body: output.body(of: result))
    }

    private func fire(_ event: TreeEvent) {
        let output = output
        let path = output.path(of: event)
        watches.fire(event.type, path: path, into: &fired)
        guard !fired.isEmpty else { return }
        for index in gateways.indices {
            let watchers = fired.watchers.filter { Int($0.rawValue & 3) == index }
            if !watchers.isEmpty { gateways[index].watchFired(event, path: path, watchers: watchers) }
        }
    }

    /// Keeps the tracker in step with the replicated sessions, and tells the gateway.
    private func follow(_ event: SessionEvent) {
        peers?.hosts = nil
        switch event.kind {
        case .opened, .attached:
            // Only a leader watches over sessions; a new one begins with all that there are.
            if !event.isHidden, !isClustered || consensus.isServing {
                tracker.add(event.session, timeoutMilliseconds: UInt64(event.timeoutMilliseconds), now: now)
            }
        case .closed:
            tracker.remove(event.session)
        case .expired:
            tracker.remove(event.session)
            counters.expiredSessions += 1
        case .refused, .moved:
            break
        }
        guard let gateway = gateway(of: event.attachment) else { return }
        var event = event
        if let peers, event.kind == .opened || event.kind == .attached || event.kind == .refused {
            // An earlier attempt that turns up once more is not the answer to the one under way.
            if event.kind == .refused, peers.asking[event.attachment]?.isRefused(by: event) == false { return }
            guard peers.outstanding.complete(event.attachment, 0) else { return }
            let request = peers.asking.removeValue(forKey: event.attachment)
            if event.kind == .refused, let request {
                switch askAgain(event.attachment, request) {
                case nil: break
                case .accepted: return
                // To say that it is refused would tell the client that its session is over.
                case .diskFull, .stopped: event.kind = .moved
                }
            }
        }
        gateway.sessionEvent(event)
    }

    /// A session was refused that can be had: it is asked for once more.
    ///
    /// An attach is refused when somebody else had taken the session since this replica looked, or a copy of this very
    /// request came late; an open, when a leader change put a later session of this replica before it.
    ///
    /// - Returns: nil if it is refused for good.
    private func askAgain(_ attachment: AttachmentID, _ request: SessionRequest) -> SubmitResult? {
        switch request {
        case .attach(let session, let password, let timeout, seen: _):
            guard shared.withLock({ $0.session(session) })?.password == password else { return nil }
            return attachSession(attachment, session: session, password: password, timeoutMilliseconds: timeout)
        case .open(let number, let timeout, let password, let isHidden):
            let highest = shared.withLock { $0.highestSessions[options.replica.rawValue] }
            guard number <= highest.rawValue else { return nil }
            nextSessionNumber = max(nextSessionNumber, highest.rawValue + 1)
            return openSession(attachment, timeoutMilliseconds: timeout, password: password, isHidden: isHidden)
        }
    }

    /// Keeps a batch for later use, unless it still stands among the outstanding ones.
    func recycle(_ batch: ProposalBatch) {
        guard batch.number == 0 || !isClustered else { return }
        reuse(batch)
    }

    private func reuse(_ batch: ProposalBatch) {
        batch.removeAll()
        if spareBatches.count < 16 { spareBatches.append(batch) }
    }

    /// Stops for good: nothing is proposed, applied or answered any more, and the reason is kept.
    func stop(_ reason: String) {
        guard stopReason == nil else { return }
        stopReason = reason
        effects.removeAll()
        consensus.storageFailed(into: &effects)
        if isClustered { postMessages() }
        failSnapshotRequests(reason)
        for gateway in gateways { gateway.engineStopped(reason) }
    }
}
