internal import Checksums
internal import Consensus
internal import CoreTypes
internal import DequeModule
internal import DurableLog
internal import ZnodeTree

extension ReplicaEngine {
    /// Gives slots to waiting batches, as far as window, log and delta have room, and lets the log write them.
    func proposeWaiting(writesLog: Bool = false) {
        while let batch = waiting.first, hasRoom(for: batch) {
            lastStamp = max(lastStamp, wallClock())
            batch.seal(time: lastStamp)
            effects.removeAll()
            let bytes = batch.bytes
            let value = ValueDescriptor(
                byteCount: UInt32(bytes.count), checksum: UInt64(crc32c(bytes.bytes)),
                commandCount: UInt32(batch.commandCount))
            guard let slot = consensus.propose(value, into: &effects) else { break }
            waiting.removeFirst()
            pendingByteCount -= batch.commandByteCount
            inFlight.append(InFlightProposal(slot: slot, batch: batch))
            counters.proposals += 1
            interpretEffects()
        }
        if writesLog {
            log.submitAndWrite()
        } else {
            log.submit(writersInFlight: max(inFlight.reduce(0) { $0 + $1.batch.commandCount }, 1))
        }
        if isCongested && pendingByteCount < Self.congestionByteCount / 2 { setCongested(false) }
    }

    /// The deltas may grow up to their bounds; beyond them writers wait for the checkpoint under way.
    private func hasRoom(for batch: ProposalBatch) -> Bool {
        guard stopReason == nil, refusedRecords.isEmpty else { return false }
        if checkpoints.mustWait(options) {
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
            for record in effects.persist { refusedRecords.append(record) }
            refusedThrough = effects.persistThrough
            appendRecords()
        }
        if let chosen = effects.chosenThrough { chosenSlot = max(chosenSlot, chosen) }
    }

    /// Hands records to the log, until it has no room for one.
    func appendRecords() {
        guard !refusedRecords.isEmpty else { return }
        var sequence = LogSequence.none
        do throws(LogRefusal) {
            while let record = refusedRecords.first {
                sequence = try append(record)
                refusedRecords.removeFirst()
            }
        } catch {
            // The log says itself why it failed. For lack of space the rest waits: tokens are durable in order.
            return
        }
        persistMarks.append(PersistMark(token: refusedThrough, sequence: sequence))
    }

    private func append(_ record: PersistRecord) throws(LogRefusal) -> LogSequence {
        switch record {
        case .accept(let accept):
            let batch = batch(of: accept.slot)
            let bytes = batch.bytes
            return try log.append(
                accepted: accept.slot, ballot: accept.ballot, payload: bytes.bytes,
                writerCount: batch.commandCount)
        case .promise(let ballot):
            return try log.append(promise: ballot)
        case .chosen(let slot):
            return try log.append(chosenThrough: slot)
        }
    }

    private func batch(of slot: Slot) -> ProposalBatch {
        guard let first = inFlight.first, slot >= first.slot,
            slot.rawValue - first.slot.rawValue < UInt64(inFlight.count)
        else { invariantBroken("the bytes of slot \(slot.rawValue) are not here", #fileID, #line) }
        return inFlight[Int(slot.rawValue - first.slot.rawValue)].batch
    }
}
