internal import Consensus
internal import CoreTypes
internal import DequeModule
internal import ZnodeTree

/// Barriers: what `sync` waits for.
extension ReplicaEngine {
    /// Asks the leader for the slots that barriers must see. Each question is asked once: one that fails, because there
    /// was no leader or it changed, is asked again under another token, at the next tick.
    func askForBarriers() {
        guard let peers else { return }
        for index in barriers.indices where barriers[index].slot == nil && barriers[index].readToken.rawValue == 0 {
            peers.readTokenCount += 1
            barriers[index].readToken = ReadToken(rawValue: peers.readTokenCount)
            effects.removeAll()
            consensus.readIndex(barriers[index].readToken, into: &effects)
            interpretEffects()
        }
    }

    func takeReadAnswers() {
        for answer in effects.readAnswers {
            guard let index = barriers.firstIndex(where: { $0.slot == nil && $0.readToken == answer.token }) else {
                continue
            }
            barriers[index].readToken = ReadToken(rawValue: 0)
            guard let slot = answer.slot else { continue }
            // What was asked before this question need see no more than it, and must not be told after it: the answers
            // of a connection keep their order.
            for place in 0...index where (barriers[place].slot ?? slot) >= slot { barriers[place].slot = slot }
        }
    }

    /// Tells who waits that what was before it is applied.
    func releaseBarriers() {
        guard !barriers.isEmpty else { return }
        // Commands of the turn under way are in no batch yet that is outstanding.
        let firstOutstanding = peers?.outstanding.firstNumber ?? batchNumber + 1
        var index = 0
        while index < barriers.count {
            let barrier = barriers[index]
            guard let slot = barrier.slot, slot <= appliedSlot, barrier.batchNumber < firstOutstanding else {
                // Alone, slots rise along the queue.
                if !isClustered { return }
                index += 1
                continue
            }
            barriers.remove(at: index)
            gateway(of: barrier.attachment)?.barrierReached(barrier.attachment, token: barrier.token)
        }
    }

    /// A slot comes next that may hold commands which a connection submitted behind a barrier: that is reached now,
    /// whether the leader has said a slot or not, and must be told before those commands are executed.
    ///
    /// What was acknowledged anywhere before the barrier was chosen before the command existed, so its slots lie before
    /// this one.
    func releaseBarriers(before batch: ProposalBatch) {
        guard let peers, !barriers.isEmpty else { return }
        let bytes = batch.bytes
        guard var reader = try? CommandReader(bytes.bytes) else { return }
        while let command = try? reader.next()?.header {
            guard gateway(of: command.attachment) != nil else { continue }
            while let index = barriers.firstIndex(where: {
                $0.attachment == command.attachment
                    && peers.outstanding.isNext(command.attachment, command.sequence, behind: $0.batchNumber)
            }) {
                let barrier = barriers.remove(at: index)
                gateway(of: barrier.attachment)?.barrierReached(barrier.attachment, token: barrier.token)
            }
        }
    }

    func noteDivergences() {
        let slots = effects.divergences.map { "\($0.rawValue)" }.joined(separator: ", ")
        stop("slot \(slots): another replica has a different chosen value; this replica must be rebuilt")
    }
}
