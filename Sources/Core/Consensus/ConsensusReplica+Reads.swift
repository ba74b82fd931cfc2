internal import CoreTypes
internal import DequeModule

/// A read-index request at the leader.
struct PendingRead: Hashable, Sendable {
    var token: ReadToken
    /// `none` when it was made here.
    var requester: ReplicaID
    /// The heartbeat round that must be confirmed; 0 until one starts.
    var round: UInt64
    /// What was chosen when the round started.
    var slot: Slot
    var deadline: Tick
}

/// A read-index request that was passed on to the leader of a ballot.
struct ForwardedRead: Hashable, Sendable {
    var token: ReadToken
    var ballot: Ballot
    var deadline: Tick
}

/// Linearizable reads by read index (Ongaro, §6.4): the slot chosen at the start of a heartbeat round is an answer once
/// a quorum has answered that round, which began after the request came. One round serves all requests that wait. An
/// index is never used for another request, nor after a change of leader: then the request fails.
extension ConsensusReplica {
    /// A read of this replica wants to know which slot it must have seen. Exactly one answer follows, in time.
    package mutating func readIndex(_ token: ReadToken, into effects: inout Effects) {
        let deadline = now.adding(milliseconds: configuration.readTimeoutMilliseconds)
        guard reads.count + forwardedReads.count < configuration.pendingReadCountMax else {
            return effects.readAnswers.append(ReadAnswer(token: token, slot: nil))
        }
        if role == .leader {
            reads.append(PendingRead(token: token, requester: .none, round: 0, slot: .none, deadline: deadline))
        } else if leader != .none, leader != configuration.identity.replica {
            forwardedReads.append(ForwardedRead(token: token, ballot: promised, deadline: deadline))
            effects.send.append(Envelope(to: leader, .readIndex(token: token, ballot: promised)))
        } else {
            effects.readAnswers.append(ReadAnswer(token: token, slot: nil))
        }
    }

    /// A follower passes a request on.
    mutating func receiveReadIndex(
        _ token: ReadToken, ballot: Ballot, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        guard role == .leader, leadership.ballot == ballot, reads.count < configuration.pendingReadCountMax else {
            effects.send.append(
                Envelope(to: sender.replica, .readIndexReply(token: token, ballot: ballot, slot: nil)))
            return
        }
        let deadline = now.adding(milliseconds: configuration.readTimeoutMilliseconds)
        reads.append(
            PendingRead(token: token, requester: sender.replica, round: 0, slot: .none, deadline: deadline))
    }

    mutating func receiveReadIndexReply(
        _ token: ReadToken, ballot: Ballot, slot: Slot?, into effects: inout Effects
    ) {
        guard let index = forwardedReads.firstIndex(where: { $0.token == token && $0.ballot == ballot }) else { return }
        forwardedReads.remove(at: index)
        effects.readAnswers.append(ReadAnswer(token: token, slot: slot))
    }

    /// Starts a round for the requests that have none, unless one is under way.
    mutating func startReadRound(into effects: inout Effects) {
        guard role == .leader, leadership.isServing, let last = reads.last, last.round == 0 else { return }
        guard leadership.readRound <= leadership.confirmedRound || now >= leadership.readRoundDeadline else { return }
        sendHeartbeats(into: &effects)
        leadership.readRound = leadership.round
        leadership.readRoundDeadline = now.adding(milliseconds: configuration.heartbeatMilliseconds)
        for index in reads.indices where reads[index].round == 0 {
            reads[index].round = leadership.round
            reads[index].slot = chosenThrough
        }
        confirmRounds(into: &effects)
    }

    /// Answers every request whose round is confirmed. Rounds rise along the queue.
    mutating func answerReads(into effects: inout Effects) {
        while let read = reads.first, read.round > 0, read.round <= leadership.confirmedRound {
            reads.removeFirst()
            answer(read, slot: read.slot, into: &effects)
        }
    }

    private func answer(_ read: PendingRead, slot: Slot?, into effects: inout Effects) {
        if read.requester == .none {
            effects.readAnswers.append(ReadAnswer(token: read.token, slot: slot))
        } else {
            effects.send.append(
                Envelope(
                    to: read.requester, .readIndexReply(token: read.token, ballot: leadership.ballot, slot: slot)))
        }
    }

    /// Fails every request: the leader that could have confirmed them is none any more.
    mutating func failReads(into effects: inout Effects) {
        while let read = reads.popFirst() { answer(read, slot: nil, into: &effects) }
        while let read = forwardedReads.popFirst() {
            effects.readAnswers.append(ReadAnswer(token: read.token, slot: nil))
        }
    }

    /// Fails requests that waited too long. Deadlines rise along the queues.
    mutating func readTick(into effects: inout Effects) {
        while let read = reads.first, read.deadline <= now {
            reads.removeFirst()
            answer(read, slot: nil, into: &effects)
        }
        while let read = forwardedReads.first, read.deadline <= now {
            forwardedReads.removeFirst()
            effects.readAnswers.append(ReadAnswer(token: read.token, slot: nil))
        }
    }
}
