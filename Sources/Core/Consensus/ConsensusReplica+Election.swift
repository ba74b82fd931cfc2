package import CoreTypes

/// Who leads: missing the leader, pre-vote, phase 1, leaving a role.
extension ConsensusReplica {
    /// The first input, once. Alone in its cluster a replica asks for the lead at once.
    package mutating func start(at tick: Tick, into effects: inout Effects) {
        now = tick
        restartElectionWait()
        if isSoleVoter { campaign(into: &effects) }
    }

    /// True when this replica's vote is a quorum.
    var isSoleVoter: Bool {
        mayLead && memberships.allSatisfy { $0.membership.voterMask.nonzeroBitCount == 1 }
    }

    // MARK: Waiting

    /// Waits anew for a leader, with a new random time-out.
    mutating func restartElectionWait() {
        lastContact = now
        electionWaitMilliseconds =
            configuration.electionTimeoutMilliseconds + handicapMilliseconds
            + jitter(below: configuration.electionJitterMilliseconds)
    }

    /// Waits only as long as it takes for two replicas not to ask together.
    private mutating func shortenElectionWait() {
        lastContact = now
        electionWaitMilliseconds = 1 + handicapMilliseconds + jitter(below: configuration.disconnectJitterMilliseconds)
    }

    /// What a replica that is less keen to lead waits longer.
    private var handicapMilliseconds: UInt64 {
        UInt64(7 - min(7, configuration.priority)) * configuration.priorityStepMilliseconds
    }

    private mutating func jitter(below bound: UInt64) -> UInt64 {
        bound == 0 ? 0 : generator.next() % bound
    }

    /// The leader's connection broke: no need to wait for silence.
    package mutating func peerDisconnected(_ replica: ReplicaID, into effects: inout Effects) {
        guard role == .follower, leader == replica, replica != .none else { return }
        isLeaderLost = true
        shortenElectionWait()
    }

    /// The time-out of a follower or candidate.
    mutating func electionTick(into effects: inout Effects) {
        guard mayLead, now.rawValue >= lastContact.rawValue + electionWaitMilliseconds else { return }
        askForPreVotes(into: &effects)
    }

    // MARK: Pre-vote

    /// Asks whether an election would succeed, without disturbing anyone (Ongaro, §9.6).
    private mutating func askForPreVotes(into effects: inout Effects) {
        if isSoleVoter { return campaign(into: &effects) }
        let ballot = nextBallot
        if role != .preCandidate {
            leaveRole(following: .none, ballot: promised, into: &effects)
            role = .preCandidate
        }
        preVotes = 0
        preVoteBallot = ballot
        if isLeaderLost { shortenElectionWait() } else { restartElectionWait() }
        for (index, peer) in peers.enumerated() where index != ownIndex {
            effects.send.append(
                Envelope(to: peer.replica, .preVote(ballot: ballot, chosenThrough: chosenThrough)))
        }
    }

    /// The lowest ballot of this replica above everything that it heard of.
    private var nextBallot: Ballot { Ballot(round: seen.round + 1, replica: configuration.identity.replica) }

    /// A pre-vote is granted by who would promise, misses the leader too, and can send what the asker lacks.
    mutating func receivePreVote(
        _ ballot: Ballot, chosenThrough slot: Slot, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        guard ballot.replica == sender.replica, mayVote else { return }
        let isLeaderAlive =
            role == .leader
            || leader != .none && !isLeaderLost && leader != sender.replica
                && now.rawValue < lastContact.rawValue + configuration.electionTimeoutMilliseconds
        let isGranted = ballot > promised && !isLeaderAlive && slot.next >= firstRetainedSlot
        effects.send.append(
            Envelope(
                to: sender.replica, .preVoteReply(ballot: ballot, isGranted: isGranted, promised: promised)))
    }

    mutating func receivePreVoteReply(
        _ ballot: Ballot, isGranted: Bool, promised: Ballot, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        seen = max(seen, promised)
        guard role == .preCandidate, ballot == preVoteBallot, let index = peerIndex(of: sender.replica) else { return }
        guard isGranted else {
            // A higher ballot stands in the way: ask again above it. This ends, because ballots rise.
            if promised >= ballot { askForPreVotes(into: &effects) }
            return
        }
        preVotes |= 1 << UInt64(index)
        let votes = preVotes
        let own = ownIndex
        if isQuorumEverywhere({ $0 == own || votes & (1 << UInt64($0)) != 0 }) { campaign(into: &effects) }
    }

    // MARK: Phase 1

    /// Promises itself a ballot higher than any heard of, and asks the others to promise it too, once that is durable:
    /// after a restart this ballot is known as taken, so that no ballot is led in two lives.
    package mutating func campaign(into effects: inout Effects) {
        guard mayLead else { return }
        let ballot = nextBallot
        leaveRole(following: .none, ballot: ballot, into: &effects)
        role = .candidate
        isLeaderLost = false
        recordedBallot = ballot
        restartElectionWait()
        leadership = Leadership()
        leadership.ballot = ballot
        leadership.promiseToken = issue(.promise(ballot), into: &effects)
        effects.role = roleState
        for index in peers.indices { peers[index].begin(at: .none, now: now) }
        sendPrepare(into: &effects)
    }

    /// Asks every voter that has not answered for its promise; not before the own one is durable.
    mutating func sendPrepare(into effects: inout Effects) {
        leadership.prepareDeadline = now.adding(milliseconds: configuration.retransmitMilliseconds)
        let prepare = Message.prepare(ballot: leadership.ballot, firstSlot: chosenThrough.next)
        guard let newest = memberships.last?.membership else { return }
        for (index, member) in newest.members.enumerated() where member.isVoter && index != ownIndex {
            let replica = member.identity.replica
            if leadership.replies.contains(where: {
                $0.identity.replica == replica && $0.identity.incarnation == peers[index].incarnation
            }) {
                continue
            }
            effects.sendAfterPersist.append(DeferredEnvelope(after: issued, Envelope(to: replica, prepare)))
        }
    }

    /// Phase 1b arrived.
    mutating func receivePromise(
        _ promise: Promise, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        guard promise.ballot == leadership.ballot, role == .candidate || role == .leader else { return }
        let known = leadership.replies.firstIndex { $0.identity == sender }
        if role == .leader, leadership.isServing, known != nil || leadership.promisedThrough.rawValue == .max { return }
        if let known {
            // Having promised, it can have accepted nothing older since; it may have lost something, or learned.
            leadership.replies[known].promise = promise
        } else {
            leadership.replies.append(PromiseReply(identity: sender, promise: promise))
        }
        if let index = peerIndex(of: sender.replica) { peers[index].lastHeard = now }
        if role == .candidate {
            leadIfPromised(into: &effects)
        } else {
            takeLatePromise(promise, into: &effects)
        }
    }

    /// A higher ballot is about.
    mutating func receiveReject(_ promised: Ballot, into effects: inout Effects) {
        seen = max(seen, promised)
        guard role == .candidate || role == .leader, promised > leadership.ballot else { return }
        let wasLeader = role == .leader
        leaveRole(following: .none, ballot: self.promised, into: &effects)
        if wasLeader {
            // Somebody came back who had promised himself a higher ballot and never led it, or another leads by now.
            // In the first case nobody leads, and everybody still follows: no need to wait for silence.
            isLeaderLost = true
            shortenElectionWait()
        } else {
            restartElectionWait()
        }
    }

    // MARK: Roles

    /// Follows the leader of a ballot that is not below the promise.
    mutating func follow(_ ballot: Ballot, into effects: inout Effects) {
        if role != .follower || leader != ballot.replica || ballot > promised {
            leaveRole(following: ballot.replica, ballot: ballot, into: &effects)
        }
        isLeaderLost = false
        lastContact = now
        if electionWaitMilliseconds < configuration.electionTimeoutMilliseconds { restartElectionWait() }
    }

    /// Becomes a follower. What was proposed and not chosen stays accepted, and may yet be chosen by another leader.
    mutating func leaveRole(following leader: ReplicaID, ballot: Ballot, into effects: inout Effects) {
        promised = max(promised, ballot)
        seen = max(seen, promised)
        failReads(into: &effects)
        role = .follower
        self.leader = leader
        leadership.transferTarget = .none
        effects.role = roleState
    }

    /// The place of a replica among the peers.
    func peerIndex(of replica: ReplicaID) -> Int? { peers.firstIndex { $0.replica == replica } }

    /// Notes who speaks; nil for a stranger.
    mutating func heard(from sender: ReplicaIdentity) -> Int? {
        guard let index = peerIndex(of: sender.replica), index != ownIndex else { return nil }
        if peers[index].incarnation != sender.incarnation {
            peers[index].begin(at: leadership.nextSlot, now: now)
            peers[index].incarnation = sender.incarnation
        }
        return index
    }
}
