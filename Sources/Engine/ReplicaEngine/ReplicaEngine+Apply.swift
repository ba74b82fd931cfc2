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
        takeDurable()
        applyChosen()
        if let failure = log.failure { stop("the log failed: \(failure)") }
        scheduleMaintenance()
        proposeWaiting()
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
    }

    /// Applies chosen slots in order, and delivers their results.
    func applyChosen() {
        guard let first = inFlight.first, first.slot <= chosenSlot else { return }
        while let next = inFlight.first, next.slot <= chosenSlot, stopReason == nil {
            invariant(next.slot == appliedSlot.next, "slot \(next.slot.rawValue) after \(appliedSlot.rawValue)")
            apply(next)
        }
        effects.removeAll()
        consensus.applied(through: appliedSlot, into: &effects)
        interpretEffects()
        for gateway in gateways { gateway.batchEnded() }
    }

    private func apply(_ proposal: InFlightProposal) {
        let output = output
        output.removeAll()
        let bytes = proposal.batch.bytes
        let start = options.applyClock()
        do throws(StorageFault) {
            let deltaByteCount = try shared.withLock { tree throws(StorageFault) in
                try tree.apply(slot: proposal.slot, proposal: bytes.bytes, into: output)
                appliedZxid = tree.lastZxid
                return tree.deltaByteCount
            }
            checkpoints.noteApplied(
                commands: proposal.batch.commandCount, bytes: bytes.count, deltaByteCount: deltaByteCount,
                nanoseconds: options.applyClock() - start)
        } catch {
            stop("the store could not be read while slot \(proposal.slot.rawValue) was applied: \(error)")
            return
        }
        inFlight.removeFirst()
        appliedSlot = proposal.slot
        counters.commands += UInt64(output.executedCount)
        deliver()
        recycle(proposal.batch)
        releaseBarriers()
    }

    /// For each command its events, then its result, then what it did to sessions: the order in which a client may see
    /// them.
    private func deliver() {
        let output = output
        var event = 0
        var session = 0
        for result in output.results {
            while event < output.events.count, output.events[event].commandIndex <= result.commandIndex {
                fire(output.events[event])
                event += 1
            }
            while session < output.sessionEvents.count,
                output.sessionEvents[session].commandIndex < result.commandIndex
            {
                follow(output.sessionEvents[session])
                session += 1
            }
            gateway(of: result.attachment)?.commandApplied(result, body: output.body(of: result))
        }
        for rest in output.events[event...] { fire(rest) }
        for rest in output.sessionEvents[session...] { follow(rest) }
    }

    private func fire(_ event: TreeEvent) {
        guard !watches.isEmpty else { return }
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
        switch event.kind {
        case .opened, .attached:
            if !event.isHidden {
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
        gateway(of: event.attachment)?.sessionEvent(event)
    }

    private func recycle(_ batch: ProposalBatch) {
        batch.removeAll()
        if spareBatches.count < 16 { spareBatches.append(batch) }
    }

    private func releaseBarriers() {
        while let barrier = barriers.first, barrier.slot <= appliedSlot {
            barriers.removeFirst()
            gateway(of: barrier.attachment)?.barrierReached(barrier.attachment, token: barrier.token)
        }
    }

    /// Stops for good: nothing is proposed, applied or answered any more, and the reason is kept.
    func stop(_ reason: String) {
        guard stopReason == nil else { return }
        stopReason = reason
        effects.removeAll()
        consensus.storageFailed(into: &effects)
        failSnapshotRequests(reason)
        for gateway in gateways { gateway.engineStopped(reason) }
    }
}
