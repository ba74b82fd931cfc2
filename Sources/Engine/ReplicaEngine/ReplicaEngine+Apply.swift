internal import Consensus
package import CoreTypes
internal import DurableLog
package import ZnodeTree

extension ReplicaEngine {
    /// Takes in what other threads finished: durable groups, checkpoints, snapshots. Applies what became chosen,
    /// answers it, and proposes what waited for room.
    package func processCompletions() {
        guard stopReason == nil else { return }
        processMaintenance()
        takeDurable()
        applyChosen()
        if let failure = log.failure { stop("the log failed: \(failure)") }
        proposeWaiting()
        scheduleMaintenance()
    }

    /// Tells consensus what the log has made durable since the last call.
    private func takeDurable() {
        let durable = log.durableSequence
        var token: PersistToken?
        while let mark = persistMarks.first, mark.sequence <= durable {
            token = mark.token
            persistMarks.removeFirst()
        }
        guard let token else { return }
        effects.removeAll()
        consensus.persisted(token, into: &effects)
        interpretEffects()
    }

    /// Applies chosen slots in order, and delivers their results.
    func applyChosen() {
        guard let first = inFlight.first, first.slot <= chosenSlot else { return }
        while let next = inFlight.first, next.slot <= chosenSlot, stopReason == nil {
            invariant(next.slot == appliedSlot.next, "slot \(next.slot.rawValue) after \(appliedSlot.rawValue)")
            apply(next)
        }
        for gateway in gateways { gateway.batchEnded() }
    }

    private func apply(_ proposal: InFlightProposal) {
        output.removeAll()
        do throws(StorageFault) {
            let deltaByteCount = try shared.withLock { tree throws(StorageFault) in
                try tree.apply(slot: proposal.slot, proposal: proposal.batch.bytes.bytes, into: output)
                return tree.deltaByteCount
            }
            checkpoints.noteApplied(
                commands: output.results.count, bytes: proposal.batch.bytes.count, deltaByteCount: deltaByteCount)
        } catch {
            stop("the store could not be read while slot \(proposal.slot.rawValue) was applied: \(error.message)")
            return
        }
        inFlight.removeFirst()
        appliedSlot = proposal.slot
        deliver()
        recycle(proposal.batch)
        releaseBarriers()
    }

    /// Events and results go out in the order of their commands, the events of a command before its result.
    private func deliver() {
        var nextEvent = 0
        for (index, result) in output.results.enumerated() {
            while nextEvent < output.events.count, output.events[nextEvent].commandIndex <= index {
                fire(output.events[nextEvent])
                nextEvent += 1
            }
            deliver(result)
        }
    }

    private func fire(_ event: TreeEvent) {
        guard !watches.isEmpty else { return }
        let path = output.path(of: event)
        watches.fire(event.type, path: path, into: &fired)
        guard !fired.isEmpty else { return }
        for index in gateways.indices {
            let watchers = fired.watchers.filter { Int($0.rawValue & 3) == index }
            if !watchers.isEmpty { gateways[index].watchFired(event, path: path, watchers: watchers) }
        }
    }

    private func deliver(_ result: CommandResult) {
        if let event = output.sessionEvent(of: result) { follow(event) }
        guard let gateway = gateway(of: result.attachment) else { return }
        gateway.commandApplied(result, body: output.body(of: result))
    }

    /// Keeps the tracker in step with the replicated sessions, and tells the gateway.
    private func follow(_ event: SessionEvent) {
        switch event.kind {
        case .opened, .attached:
            if !event.isHidden {
                tracker.add(event.session, timeoutMilliseconds: UInt64(event.timeoutMilliseconds), now: now)
            }
        case .closed, .expired:
            tracker.remove(event.session)
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
        for gateway in gateways { gateway.engineStopped(reason) }
    }
}
