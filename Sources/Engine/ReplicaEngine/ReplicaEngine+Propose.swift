internal import Checksums
internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import ZnodeTree

extension ReplicaEngine {
    /// Gives slots to waiting batches, as far as window, log and delta have room, and lets the log write them.
    func proposeWaiting() {
        while let batch = waiting.first, hasRoomInDelta, refusalOfInput == .accepted {
            lastStamp = max(lastStamp, wallClock())
            batch.seal(time: lastStamp)
            effects.removeAll()
            let value = ValueDescriptor(
                byteCount: UInt32(batch.bytes.count), checksum: UInt64(crc32c(batch.bytes.bytes)))
            guard let slot = consensus.propose(value, into: &effects) else { break }
            waiting.removeFirst()
            pendingByteCount -= batch.bytes.count - ProposalHeader.encodedByteCount
            inFlight.append(InFlightProposal(slot: slot, batch: batch))
            interpretEffects()
        }
        log.submit()
        if isCongested && pendingByteCount < Self.congestionByteCount / 2 { setCongested(false) }
    }

    /// The deltas may grow up to their bound; beyond it writers wait for the checkpoint under way.
    private var hasRoomInDelta: Bool {
        checkpoints.deltaByteCount < options.deltaByteCountMax || !checkpoints.isRunning
    }

    /// Does what consensus asked for, in the order that its effects prescribe.
    ///
    /// Durability: records go to the log in the order given, and the log is durable in prefixes, so a token is durable
    /// once the last record before it is.
    func interpretEffects() {
        if !effects.persist.isEmpty {
            var sequence = log.lastSequence
            for record in effects.persist { sequence = append(record) }
            persistMarks.append(PersistMark(token: effects.persistToken, sequence: sequence))
        }
        if effects.chosenThrough > chosenSlot { chosenSlot = effects.chosenThrough }
    }

    private func append(_ record: PersistRecord) -> LogSequence {
        switch record {
        case .accept(let slot, let ballot, _):
            return log.append(accepted: slot, ballot: ballot, payload: payload(of: slot).bytes)
        case .promise(let ballot):
            return log.append(promise: ballot)
        case .chosen(let slot):
            return log.append(chosenThrough: slot)
        }
    }

    private func payload(of slot: Slot) -> ByteBuilder {
        guard let first = inFlight.first, slot >= first.slot,
            slot.rawValue - first.slot.rawValue < UInt64(inFlight.count)
        else { invariantBroken("the bytes of slot \(slot.rawValue) are not here", #fileID, #line) }
        return inFlight[Int(slot.rawValue - first.slot.rawValue)].batch.bytes
    }
}
