internal import Consensus
internal import CoreTypes
internal import DequeModule

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
            barriers[index].slot = answer.slot
        }
    }

    /// Tells who waits that what was before it is applied.
    func releaseBarriers() {
        guard !barriers.isEmpty else { return }
        let firstOutstanding = peers?.outstanding.firstNumber ?? .max
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

    func noteDivergences() {
        let slots = effects.divergences.map { "\($0.rawValue)" }.joined(separator: ", ")
        stop("slot \(slots): another replica has a different chosen value; this replica must be rebuilt")
    }

    func noteSnapshotNeed(_ need: SnapshotNeed) { counters.snapshotNeeds += 1 }
}
