package import CoreTypes

/// The clock: heartbeats, check-quorum, sending again, and the end of a turn.
extension ConsensusReplica {
    /// The clock moved. Time never goes back: an earlier tick is taken as the last one.
    package mutating func tick(_ tick: Tick, into effects: inout Effects) {
        now = max(now, tick)
        switch role {
        case .leader: leaderTick(into: &effects)
        case .candidate:
            electionTick(into: &effects)
            if role == .candidate, now >= leadership.prepareDeadline { sendPrepare(into: &effects) }
        case .follower, .preCandidate: electionTick(into: &effects)
        }
        catchUpTick(into: &effects)
        readTick(into: &effects)
        if now >= recordDeadline {
            recordDeadline = now.adding(milliseconds: configuration.heartbeatMilliseconds)
            if !isFenced { recordChosen(into: &effects) }
        }
    }

    /// When `tick` must be called at the latest, if nothing else happens.
    package var nextDeadline: Tick {
        var deadline = Tick(rawValue: .max)
        if peers.count > 1 { deadline = recordDeadline }
        if mayLead, role != .leader {
            deadline = min(deadline, lastContact.adding(milliseconds: electionWaitMilliseconds))
        }
        if role == .leader, peers.count > 1 { deadline = min(deadline, leadership.heartbeatDeadline) }
        if role == .candidate { deadline = min(deadline, leadership.prepareDeadline) }
        if catchUp.asked != nil { deadline = min(deadline, catchUp.deadline) }
        if let read = reads.first { deadline = min(deadline, read.deadline) }
        if let read = forwardedReads.first { deadline = min(deadline, read.deadline) }
        return deadline
    }

    private mutating func leaderTick(into effects: inout Effects) {
        guard peers.count > 1 else { return }
        let since = now.rawValue - min(now.rawValue, configuration.electionTimeoutMilliseconds)
        if now.rawValue >= leadership.beginning.rawValue + configuration.electionTimeoutMilliseconds {
            let (own, known) = (ownIndex, peers)
            if !isQuorumEverywhere({ $0 == own || (known[$0].lastHeard?.rawValue ?? 0) > since }) {
                // Check-quorum (Ongaro, §6.2): who cannot reach a quorum must not keep clients waiting.
                leaveRole(following: .none, ballot: promised, into: &effects)
                return restartElectionWait()
            }
        }
        if now >= leadership.heartbeatDeadline { sendHeartbeats(into: &effects) }
        if leadership.promisedThrough.rawValue < .max || leadership.nextSlot <= leadership.inheritedThrough,
            now >= leadership.prepareDeadline
        {
            sendPrepare(into: &effects)
        }
        recover(into: &effects)
        resend(into: &effects)
        transferTick(into: &effects)
        startReadRound(into: &effects)
    }

    /// Sends again to every peer that answers heartbeats and has acknowledged nothing for long, or has not
    /// acknowledged the slot that holds up all others: messages were lost.
    private mutating func resend(into effects: inout Effects) {
        let wait = 4 * configuration.retransmitMilliseconds
        if leadership.stalledSlot != firstOpenSlot {
            leadership.stalledSlot = firstOpenSlot
            leadership.stalledSince = now
        }
        let isStalled =
            firstOpenSlot < leadership.nextSlot && now.rawValue >= leadership.stalledSince.rawValue + wait
        let votes = isStalled ? window[firstOpenSlot].votes : .max
        if isStalled { leadership.stalledSince = now }
        for index in peers.indices where index != ownIndex {
            let isSilent =
                !peers[index].sent.isEmpty && now.rawValue >= peers[index].progressTick.rawValue + wait
            guard let heard = peers[index].lastHeard, heard.rawValue + wait > now.rawValue,
                isSilent || votes & (1 << UInt64(index)) == 0
            else { continue }
            peers[index].rewind(to: firstOpenSlot, now: now)
            sendAccepts(to: index, into: &effects)
        }
    }

    /// The first slot of the own ballot that is not chosen.
    private var firstOpenSlot: Slot { max(chosenThrough.next, leadership.firstSlot) }

    /// The connection to a peer stands anew: what was under way is lost, and so may its clock be.
    package mutating func peerConnected(_ replica: ReplicaID, into effects: inout Effects) {
        guard let index = peerIndex(of: replica), index != ownIndex else { return }
        let heard = peers[index].lastHeard
        peers[index].begin(at: firstOpenSlot, now: now)
        peers[index].lastHeard = heard
        switch role {
        case .leader:
            sendHeartbeat(to: index, into: &effects)
            sendAccepts(to: index, into: &effects)
        case .candidate: sendPrepare(into: &effects)
        case .follower, .preCandidate: break
        }
    }

    // MARK: Heartbeats

    /// Starts a round: a heartbeat to every peer.
    mutating func sendHeartbeats(into effects: inout Effects) {
        leadership.round += 1
        leadership.heartbeatDeadline = now.adding(milliseconds: configuration.heartbeatMilliseconds)
        if leadership.echoRound <= leadership.confirmedRound {
            leadership.echoRound = leadership.round
            leadership.echoTick = now
        }
        for index in peers.indices where index != ownIndex {
            if peers[index].echoRound <= leadership.confirmedRound {
                peers[index].echoRound = leadership.round
                peers[index].echoTick = peers[index].latestTick
            }
            sendHeartbeat(to: index, into: &effects)
        }
    }

    private mutating func sendHeartbeat(to index: Int, into effects: inout Effects) {
        peers[index].announcedThrough = chosenThrough
        let heartbeat = Heartbeat(
            ballot: leadership.ballot, round: leadership.round, chosenThrough: chosenThrough,
            confirmedTick: peers[index].confirmedTick)
        effects.send.append(Envelope(to: peers[index].replica, .heartbeat(heartbeat)))
    }

    mutating func receiveHeartbeat(_ heartbeat: Heartbeat, from sender: ReplicaIdentity, into effects: inout Effects) {
        guard heartbeat.ballot.replica == sender.replica else { return }
        guard heartbeat.ballot >= promised else { return reject(to: sender.replica, into: &effects) }
        follow(heartbeat.ballot, into: &effects)
        if heartbeat.confirmedTick.rawValue > 0, heartbeat.confirmedTick <= now {
            confirmedTick = max(confirmedTick ?? heartbeat.confirmedTick, heartbeat.confirmedTick)
        }
        if !isFenced {
            effects.send.append(
                Envelope(
                    to: sender.replica, .heartbeatReply(ballot: heartbeat.ballot, round: heartbeat.round, tick: now)))
        }
        noteChosen(heartbeat.ballot, through: heartbeat.chosenThrough, from: sender.replica, into: &effects)
    }

    mutating func receiveHeartbeatReply(
        _ ballot: Ballot, round: UInt64, tick: Tick, index: Int, into effects: inout Effects
    ) {
        guard role == .leader, ballot == leadership.ballot, round <= leadership.round else { return }
        peers[index].lastHeard = now
        peers[index].answeredRound = max(peers[index].answeredRound, round)
        peers[index].latestTick = max(peers[index].latestTick, tick)
        confirmRounds(into: &effects)
    }

    /// Works out which round a quorum has answered, and answers the reads that waited for it.
    ///
    /// Whoever answered a round had not promised a higher ballot by then; so when the round began, no higher ballot had
    /// been promised by a quorum, and nothing that this leader does not know of was chosen.
    mutating func confirmRounds(into effects: inout Effects) {
        let (own, known) = (ownIndex, peers)
        var confirmed = leadership.confirmedRound
        for round in known.map(\.answeredRound) + [leadership.round] where round > confirmed {
            if isQuorumEverywhere({ $0 == own || known[$0].answeredRound >= round }) { confirmed = round }
        }
        guard confirmed > leadership.confirmedRound else { return }
        leadership.confirmedRound = confirmed
        let echoTick = leadership.echoTick
        if leadership.echoRound <= confirmed { confirmedTick = max(confirmedTick ?? echoTick, echoTick) }
        for index in peers.indices where peers[index].echoRound > 0 && peers[index].echoRound <= confirmed {
            peers[index].confirmedTick = max(peers[index].confirmedTick, peers[index].echoTick)
        }
        answerReads(into: &effects)
    }

    // MARK: The end of a turn

    /// Nothing more is to come before the effects are carried out: says now what no other message carries.
    package mutating func flush(into effects: inout Effects) {
        guard role == .leader else { return }
        fillToMembership(into: &effects)
        transferTick(into: &effects)
        guard peers.count > 1 || !reads.isEmpty else { return }
        startReadRound(into: &effects)
        announceChosen(into: &effects)
    }

    /// Proposes no-ops up to the slot from which a chosen membership is in force, so that it does not wait for
    /// traffic.
    private mutating func fillToMembership(into effects: inout Effects) {
        guard memberships.count > 1, let scheduled = memberships.last else { return }
        while leadership.nextSlot < scheduled.firstSlot, propose(.noOp, into: &effects) != nil {}
    }
}
