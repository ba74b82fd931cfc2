internal import CoreTypes

/// Who had the last slot on disk first: as many peers as a leader needs for a quorum beside itself.
///
/// A slot is chosen when they and the leader have it. What all others do for it meanwhile keeps processors and, where
/// several replicas share one, the disk from those who are waited for; so while commands come one at a time, others who
/// have no clients may be sent theirs a moment later, several in one message. (Not sending to more than a quorum is
/// called *thrifty* by Moraru et al., "There Is More Consensus in Egalitarian Parliaments", SOSP 2013, §6; here everybody
/// is sent everything.)
///
/// Who is slow or gone drops out with the next slot that others acknowledge first.
struct QuickestPeers: Equatable {
    /// Those of the last slot that enough peers acknowledged. Empty: nothing is known, and everybody is waited for.
    private(set) var members: [ReplicaID] = []
    private var slot = Slot.none
    private var arriving: [ReplicaID] = []

    /// A peer has everything up to a slot on disk.
    ///
    /// - Parameter neededCount: how many peers make a quorum with the leader.
    mutating func acknowledged(_ last: Slot, by replica: ReplicaID, neededCount: Int) {
        guard last >= slot, neededCount > 0 else { return }
        if last > slot {
            slot = last
            arriving.removeAll(keepingCapacity: true)
        }
        guard arriving.count < neededCount, !arriving.contains(replica) else { return }
        arriving.append(replica)
        if arriving.count == neededCount { members = arriving }
    }

    /// Whether enough others are known to be quicker.
    func areQuicker(than replica: ReplicaID) -> Bool { !members.isEmpty && !members.contains(replica) }

    /// One of them is gone, or there is another leader: everybody is waited for until more is known.
    mutating func forget() { self = QuickestPeers() }
}
