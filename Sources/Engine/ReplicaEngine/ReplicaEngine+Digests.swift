internal import Consensus
internal import CoreTypes
internal import PeerWire
internal import ZnodeTree

/// Digests of tree and sessions, compared between replicas.
extension ReplicaEngine {
    /// A slot was applied: at those that the period divides, all replicas tell each other their digest.
    func exchangeDigest(of slot: Slot) {
        guard let peers, let period = options.cluster?.digestPeriodSlotCount, slot.rawValue % period == 0,
            let membership = consensus.memberships.last?.membership
        else { return }
        let digest = shared.withLock { $0.digest() }
        let number = digest.znodes ^ (digest.sessions << 1 | digest.sessions >> 63)
        let (scratch, empty) = (peers.scratch, peers.empty)
        scratch.removeAll()
        PeerWire.append(.digest(slot: slot, digest: number), payload: empty.bytes, to: scratch)
        for member in membership.members where member.identity.replica != options.replica {
            peers.link?.send(scratch.bytes, to: member.identity.replica)
        }
        act(on: peers.digests.note(own: number, at: slot, in: membership, own: options.replica), slot)
    }

    func takeDigest(_ digest: UInt64, at slot: Slot, from peer: ReplicaID) {
        guard let peers, let membership = consensus.memberships.last?.membership else { return }
        act(on: peers.digests.note(digest, of: peer, at: slot, in: membership, own: options.replica), slot)
    }

    private func act(on verdict: DigestComparison.Verdict, _ slot: Slot) {
        switch verdict {
        case .undecided: break
        case .agreed: counters.agreedDigests += 1
        case .differs:
            storeFailed("the state at slot \(slot.rawValue) differs from that of the other replicas")
        case .nobodyKnows:
            stop(
                "the states of all replicas differ at slot \(slot.rawValue), and nobody can tell who is right; compare "
                    + "them with aviaryctl verify")
        }
    }
}
