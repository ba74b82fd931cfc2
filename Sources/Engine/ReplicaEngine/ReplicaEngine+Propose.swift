internal import Checksums
internal import Consensus
internal import CoreTypes
internal import DequeModule
internal import DurableLog
internal import ZnodeTree

extension ReplicaEngine {
    /// Gives slots to waiting batches, as far as window, log and delta have room.
    func proposeWaiting() {
        while consensus.isServing, let batch = waiting.first, hasRoom(for: batch) {
            guard propose(batch) else { break }
        }
        noteCongestion()
    }

    /// Gives the first waiting batch the next slot; false if the window is full.
    private func propose(_ batch: ProposalBatch) -> Bool {
        lastStamp = max(lastStamp, wallClock())
        batch.stamp(lastStamp)
        effects.removeAll()
        let value = batch.descriptor
        guard let slot = consensus.propose(value, into: &effects) else { return false }
        batch.seal()
        waiting.removeFirst()
        if !isClustered { pendingByteCount -= batch.commandByteCount }
        pending.hold(PendingValue(ballot: consensus.promised, value: value, batch: batch), in: slot)
        counters.proposals += 1
        interpretEffects()
        return true
    }

    func noteCongestion() {
        if isCongested && pendingByteCount < Self.congestionByteCount / 2 { setCongested(false) }
    }

    /// The deltas may grow up to their bounds; beyond them writers wait for the checkpoint under way.
    func hasRoom(for batch: ProposalBatch) -> Bool {
        guard stopReason == nil, refusedRecords.isEmpty else { return false }
        if checkpoints.mustWait(options) || isClustered && checkpoints.isStuck(options) {
            counters.congestions += 1
            return false
        }
        return log.hasRoom(forByteCount: batch.bytes.count)
    }

    /// Does what consensus asked for, in the order that its effects prescribe.
    ///
    /// Durability: records go to the log in the order given, and the log is durable in prefixes, so a token is durable
    /// once the last record before it is.
    func interpretEffects() {
        if !effects.persist.isEmpty {
            for record in effects.persist {
                guard let held = hold(record) else { return stop("a value that was accepted cannot be read any more") }
                refusedRecords.append(held)
            }
            refusedThrough = effects.persistThrough
            appendRecords()
        }
        if isClustered { postMessages() }
        if let chosen = effects.chosenThrough { chosenSlot = max(chosenSlot, chosen) }
        guard isClustered else { return }
        if let role = effects.role { roleChanged(role) }
        if !effects.readAnswers.isEmpty { takeReadAnswers() }
        if !effects.divergences.isEmpty { noteDivergences() }
        if let need = effects.snapshotNeed { noteSnapshotNeed(need) }
    }

    /// Finds the bytes of the value that a record accepts, and holds them until they are applied.
    ///
    /// - Returns: nil if they are lost: then nothing may be said of them.
    private func hold(_ record: PersistRecord) -> HeldRecord? {
        guard case .accept(let accept) = record else { return HeldRecord(record: record, batch: nil) }
        let batch = source(of: accept)
        if batch == nil, accept.value.kind != .noOp { return nil }
        if accept.slot > appliedSlot {
            pending.hold(
                PendingValue(ballot: accept.ballot, value: accept.value, batch: batch), in: accept.slot)
        }
        return HeldRecord(record: record, batch: batch)
    }

    /// The bytes for (slot, source ballot): of the own proposal, of the message under way, or of an earlier record.
    private func source(of accept: AcceptRecord) -> ProposalBatch? {
        guard accept.value.kind != .noOp else { return nil }
        if let held = pending[accept.slot], held.value == accept.value, let batch = held.batch { return batch }
        if let arrived = peers?.arrived, arrived.slot == accept.slot, arrived.batch.descriptor == accept.value {
            return arrived.batch
        }
        return bytes(of: accept.value, in: accept.slot)
    }

    /// Hands records to the log, until it has no room for one.
    func appendRecords() {
        guard !refusedRecords.isEmpty else { return }
        var sequence = LogSequence.none
        do throws(LogRefusal) {
            while let held = refusedRecords.first {
                sequence = try append(held)
                refusedRecords.removeFirst()
            }
        } catch {
            // The log says itself why it failed. For lack of space the rest waits: tokens are durable in order.
            return
        }
        persistMarks.append(PersistMark(token: refusedThrough, sequence: sequence))
    }

    private func append(_ held: HeldRecord) throws(LogRefusal) -> LogSequence {
        switch held.record {
        case .accept(let accept):
            let bytes = held.batch?.bytes ?? noBytes
            let sequence = try log.append(
                accepted: accept.slot, ballot: accept.ballot, payload: bytes.bytes,
                writerCount: held.batch?.commandCount ?? 0)
            pending.note(sequence, of: accept.slot)
            if accept.slot <= appliedSlot { appliedSequence = max(appliedSequence, sequence) }
            return sequence
        case .promise(let ballot):
            return try log.append(promise: ballot)
        case .chosen(let slot):
            return try append(chosenThrough: slot)
        }
    }
}
