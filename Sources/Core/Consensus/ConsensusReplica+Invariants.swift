internal import CoreTypes
internal import DequeModule

/// Walks the whole state, for tests and simulation: O(window) after every step.
extension ConsensusReplica {
    /// Says which invariant of the state does not hold; nil when all do.
    package func brokenInvariant() -> String? {
        if durable > issued { return "more records are durable than were issued" }
        if recordedBallot > promised { return "a ballot is recorded above the promise" }
        if promised > seen { return "the promise is above everything heard of" }
        if appliedThrough > chosenThrough { return "more is applied than is chosen" }
        if recordedChosen > chosenThrough { return "more is recorded as chosen than is chosen" }
        return brokenWindow() ?? brokenMembership() ?? brokenLeadership() ?? brokenPeers()
    }

    private func brokenWindow() -> String? {
        var slot = chosenThrough.next
        while slot <= window.lastUsed {
            let entry = window[slot]
            let name = "slot \(slot.rawValue)"
            if entry.ballot > promised { return "\(name) is accepted above the promise" }
            if entry.ballot > recordedBallot { return "\(name) is accepted above any recorded ballot" }
            if entry.token > issued { return "\(name) waits for a record that was not issued" }
            if entry.isChosen, entry.state != .accepted { return "\(name) is chosen and has no value" }
            if entry.state == .empty, entry.ballot != .none { return "\(name) is empty and has a ballot" }
            slot = slot.next
        }
        return nil
    }

    private func brokenMembership() -> String? {
        if memberships.isEmpty || rules.count != memberships.count { return "memberships and rules differ" }
        for index in memberships.indices.dropFirst()
        where memberships[index].firstSlot <= memberships[index - 1].firstSlot {
            return "memberships are out of order"
        }
        if let index = ownIndex, peers[index].replica != configuration.identity.replica { return "a wrong own place" }
        return nil
    }

    private func brokenLeadership() -> String? {
        guard role == .leader || role == .candidate else { return nil }
        if leadership.ballot.replica != configuration.identity.replica { return "it leads another's ballot" }
        if leadership.ballot != promised { return "it leads a ballot that is not its promise" }
        if isFenced { return "it leads without a log" }
        if role == .candidate { return nil }
        if durable < leadership.promiseToken { return "it leads and its promise is not durable" }
        if leadership.nextSlot > lastGovernedSlot.next, leadership.nextSlot > leadership.firstSlot {
            return "it proposed beyond the window"
        }
        var byteCount = 0
        var slot = max(leadership.firstSlot, chosenThrough.next)
        while slot < leadership.nextSlot {
            let entry = window[slot]
            if entry.ballot != leadership.ballot || entry.state != .accepted {
                return "slot \(slot.rawValue) is proposed and not accepted under the own ballot"
            }
            let membership = memberships[ruleIndex(at: slot)].membership
            if entry.votes & ~membership.voterMask != 0 { return "someone without a vote voted" }
            if membership.isQuorum(entry.votes), !entry.isChosen { return "a quorum voted and it is not chosen" }
            byteCount += Int(entry.value.byteCount)
            slot = slot.next
        }
        if byteCount != leadership.byteCount { return "bytes of the window are miscounted" }
        if leadership.isServing, appliedThrough < leadership.firstSlot.previous { return "it serves too early" }
        if leadership.confirmedRound > leadership.round { return "a round is confirmed that was not begun" }
        return nil
    }

    private func brokenPeers() -> String? {
        for peer in peers {
            if peer.sent.reduce(0, { $0 + Int($1.byteCount) }) != peer.sentByteCount {
                return "bytes sent are miscounted"
            }
            if peer.sent.count > configuration.peerSlotCountMax { return "too many slots are under way to a peer" }
            for index in peer.sent.indices.dropFirst() where peer.sent[index].slot <= peer.sent[index - 1].slot {
                return "slots under way to a peer are out of order"
            }
        }
        return nil
    }

    /// Says which invariant a step broke that led from `previous` to this state; nil when none.
    package func brokenInvariant(since previous: ConsensusReplica) -> String? {
        if promised < previous.promised { return "the promise fell" }
        if seen < previous.seen { return "what was heard of fell" }
        if chosenThrough < previous.chosenThrough { return "the chosen prefix fell" }
        if appliedThrough < previous.appliedThrough { return "the applied prefix fell" }
        if issued < previous.issued || durable < previous.durable { return "a token fell" }
        if now < previous.now { return "time went back" }
        if previous.isFenced, !isFenced { return "a failed log came back" }
        if previous.role == .leader, role == .leader, previous.leadership.ballot == leadership.ballot {
            if leadership.nextSlot < previous.leadership.nextSlot { return "the leader took a proposal back" }
            if previous.leadership.isServing, !leadership.isServing { return "the leader ceased to serve" }
        }
        var slot = chosenThrough.next
        while slot <= previous.window.lastUsed, slot <= window.lastUsed {
            let (before, after) = (previous.window[slot], window[slot])
            if after.ballot < before.ballot { return "slot \(slot.rawValue) fell to a lower ballot" }
            if before.isChosen, !after.isChosen { return "slot \(slot.rawValue) is chosen no more" }
            if before.isChosen, after.value != before.value { return "slot \(slot.rawValue) changed its chosen value" }
            if before.ballot == after.ballot, before.state == .accepted, before.value != after.value {
                return "slot \(slot.rawValue) has two values under one ballot"
            }
            slot = slot.next
        }
        return nil
    }
}
