package import CoreTypes

/// Giving up the lead: on request, and when the own disk fails.
extension ConsensusReplica {
    /// Hands the lead to a replica, or to the most advanced one if `none`: nothing more is proposed, everything
    /// proposed is chosen, then the other one is told to ask (Ongaro, §3.10). If it does not lead within an election
    /// time-out, this replica goes on.
    package mutating func transferLeadership(to target: ReplicaID, into effects: inout Effects) {
        guard role == .leader, let replica = target == .none ? mostAdvancedPeer : target,
            replica != configuration.identity.replica, isVoter(replica)
        else { return }
        leadership.transferTarget = replica
        leadership.isTransferSent = false
        leadership.transferDeadline = now.adding(milliseconds: configuration.electionTimeoutMilliseconds)
        transferTick(into: &effects)
    }

    /// Tells the target to ask for the lead once everything proposed is chosen; gives up after a while.
    mutating func transferTick(into effects: inout Effects) {
        guard role == .leader, leadership.transferTarget != .none else { return }
        if now >= leadership.transferDeadline {
            leadership.transferTarget = .none
        } else if !leadership.isTransferSent, leadership.nextSlot > leadership.inheritedThrough,
            chosenThrough.next == leadership.nextSlot
        {
            leadership.isTransferSent = true
            announceChosen(into: &effects)
            effects.send.append(Envelope(to: leadership.transferTarget, .lead(ballot: leadership.ballot)))
        }
    }

    /// The leader hands over.
    mutating func receiveLead(_ ballot: Ballot, from sender: ReplicaIdentity, into effects: inout Effects) {
        guard ballot == promised, ballot.replica == sender.replica, role == .follower else { return }
        campaign(into: &effects)
    }

    /// The own log failed for good: this replica leads, promises and accepts nothing any more in this life. Its leader
    /// role goes to a peer without waiting for a time-out.
    package mutating func storageFailed(into effects: inout Effects) {
        guard !isFenced else { return }
        isFenced = true
        if role == .leader, let replica = mostAdvancedPeer {
            effects.send.append(Envelope(to: replica, .lead(ballot: leadership.ballot)))
        }
        if role != .follower { leaveRole(following: .none, ballot: promised, into: &effects) }
    }

    private func isVoter(_ replica: ReplicaID) -> Bool {
        memberships.last?.membership.members.contains { $0.identity.replica == replica && $0.isVoter } ?? false
    }

    /// The voter heard lately that has acknowledged most.
    private var mostAdvancedPeer: ReplicaID? {
        let since = now.rawValue - min(now.rawValue, configuration.electionTimeoutMilliseconds)
        let able = peers.indices.filter {
            $0 != ownIndex && isVoter(peers[$0].replica) && (peers[$0].lastHeard?.rawValue ?? 0) >= since
        }
        return able.min {
            (peers[$0].sent.count, peers[$0].replica) < (peers[$1].sent.count, peers[$1].replica)
        }.map { peers[$0].replica }
    }
}
