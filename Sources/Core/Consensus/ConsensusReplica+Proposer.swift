package import CoreTypes

/// Phase 2 of the leader: proposing, counting, choosing.
extension ConsensusReplica {
    /// Proposes a value in the next slot. The caller keeps the bytes under (that slot, the ballot led).
    ///
    /// Nil: this replica does not lead, does not serve yet, hands over, or its window is full (of slots not applied or
    /// bytes not chosen).
    ///
    /// - Complexity: O(peers).
    package mutating func propose(_ value: ValueDescriptor, into effects: inout Effects) -> Slot? {
        guard role == .leader, leadership.isServing, leadership.transferTarget == .none else { return nil }
        let slot = leadership.nextSlot
        guard slot > leadership.inheritedThrough else { return nil }
        guard slot.rawValue <= appliedThrough.rawValue + UInt64(configuration.windowSlotCountMax),
            slot <= leadership.promisedThrough, window.contains(slot)
        else { return nil }
        let byteCount = leadership.byteCount + Int(value.byteCount)
        guard byteCount <= configuration.windowByteCountMax || leadership.byteCount == 0 else { return nil }
        invariant(!window[slot].isChosen, "a new value is proposed in slot \(slot.rawValue), which is chosen")
        place(value, source: leadership.ballot, into: &effects)
        return slot
    }

    /// Accepts a value in the next slot of the own ballot, here and, by message, at the peers.
    ///
    /// The own record and the messages go out together: the leader's disk is one acceptor's disk, no more.
    mutating func place(_ value: ValueDescriptor, source: Ballot, into effects: inout Effects) {
        let slot = leadership.nextSlot
        let ballot = leadership.ballot
        let wasChosen = window[slot].isChosen
        recordChosenIfDue(into: &effects)
        let token = issue(
            .accept(AcceptRecord(slot: slot, ballot: ballot, source: source, value: value)), into: &effects)
        window[slot] = SlotEntry(
            ballot: ballot, value: value, token: token, votes: 0, state: .accepted, isChosen: wasChosen)
        leadership.nextSlot = slot.next
        leadership.byteCount += Int(value.byteCount)
        if peers.count > 1 { sendAccepts(into: &effects) }
    }

    /// Hands a record to the log.
    mutating func issue(_ record: PersistRecord, into effects: inout Effects) -> PersistToken {
        issued = PersistToken(rawValue: issued.rawValue + 1)
        effects.persist.append(record)
        effects.persistThrough = issued
        return issued
    }

    /// Every record through `token` is durable.
    package mutating func persisted(through token: PersistToken, into effects: inout Effects) {
        invariant(token <= issued, "a record is durable that was never issued")
        guard token > durable else { return }
        durable = token
        switch role {
        case .leader:
            countOwnVotes()
            advanceChosen(into: &effects)
        case .candidate: leadIfPromised(into: &effects)
        case .follower, .preCandidate: break
        }
    }

    /// Counts the own acceptance of every slot whose record became durable.
    private mutating func countOwnVotes() {
        var slot = max(leadership.ownDurable, chosenThrough).next
        while slot < leadership.nextSlot, window[slot].token <= durable {
            let bit = rules[ruleIndex(at: slot)].ownBit
            if bit != 0 { addVote(bit, to: slot) }
            leadership.ownDurable = slot
            slot = slot.next
        }
    }

    /// Counts one vote for the leader's value in a slot.
    @inline(__always)
    private mutating func addVote(_ bit: UInt64, to slot: Slot) {
        let rule = rules[ruleIndex(at: slot)]
        let votes = window[slot].votes | bit
        window[slot].votes = votes
        if (votes & rule.voterMask).nonzeroBitCount >= rule.quorumCount { window[slot].isChosen = true }
    }

    /// Phase 2b arrived.
    mutating func receiveAccepted(
        _ ballot: Ballot, first: Slot, last: Slot, from sender: ReplicaIdentity, index: Int,
        into effects: inout Effects
    ) {
        guard role == .leader, ballot == leadership.ballot, last < leadership.nextSlot else { return }
        peers[index].lastHeard = now
        peers[index].acknowledge(through: last, now: now)
        var slot = max(first, chosenThrough.next, leadership.firstSlot)
        while slot <= last {
            if let voter = memberships[ruleIndex(at: slot)].membership.voterIndex(of: sender) {
                addVote(1 << UInt64(voter), to: slot)
            }
            slot = slot.next
        }
        advanceChosen(into: &effects)
        sendAccepts(to: index, into: &effects)
    }

    /// Moves the chosen prefix over every slot known to be chosen, and tells the shell.
    mutating func advanceChosen(into effects: inout Effects) {
        let before = chosenThrough
        while window.lastUsed > chosenThrough, window[chosenThrough.next].isChosen {
            if role == .leader, chosenThrough.next >= leadership.firstSlot {
                // A leader does not pass a slot that it has not proposed in: it would leave a gap in its ballot.
                guard chosenThrough.next < leadership.nextSlot else { break }
                leadership.byteCount -= Int(window[chosenThrough.next].value.byteCount)
            }
            window.dropFirst()
        }
        if chosenThrough > before { effects.chosenThrough = chosenThrough }
    }

    // MARK: Flow control

    /// Sends every peer what it has room for.
    mutating func sendAccepts(into effects: inout Effects) {
        for index in peers.indices where index != ownIndex { sendAccepts(to: index, into: &effects) }
    }

    /// Sends one peer what it has room for: slots of this ballot in order. What got chosen before its turn came is
    /// left for the peer to fetch.
    mutating func sendAccepts(to index: Int, into effects: inout Effects) {
        guard role == .leader else { return }
        if peers[index].nextSlot <= chosenThrough { peers[index].nextSlot = chosenThrough.next }
        while peers[index].nextSlot < leadership.nextSlot {
            let slot = peers[index].nextSlot
            let value = window[slot].value
            let byteCount = peers[index].sentByteCount + Int(value.byteCount)
            guard
                peers[index].sent.isEmpty
                    || peers[index].sent.count < configuration.peerSlotCountMax
                        && byteCount <= configuration.peerByteCountMax
            else { return }
            if peers[index].sent.isEmpty { peers[index].progressTick = now }
            peers[index].sent.append(SentSlot(slot: slot, byteCount: value.byteCount))
            peers[index].sentByteCount = byteCount
            peers[index].nextSlot = slot.next
            peers[index].announcedThrough = chosenThrough
            let accept = Accept(
                ballot: leadership.ballot, slot: slot, value: value, chosenThrough: chosenThrough)
            effects.send.append(Envelope(to: peers[index].replica, .accept(accept)))
        }
    }

    /// Tells every peer that was not told by an accept what is chosen.
    mutating func announceChosen(into effects: inout Effects) {
        for index in peers.indices where index != ownIndex && peers[index].announcedThrough < chosenThrough {
            peers[index].announcedThrough = chosenThrough
            effects.send.append(
                Envelope(to: peers[index].replica, .chosen(ballot: leadership.ballot, through: chosenThrough)))
        }
    }

    /// Writes the chosen prefix down when the last such record is half a window old. Alone, everything accepted is
    /// chosen, and there is nothing to write.
    mutating func recordChosenIfDue(into effects: inout Effects) {
        guard peers.count > 1,
            chosenThrough.rawValue - recordedChosen.rawValue > UInt64(configuration.membershipDelaySlotCount / 2)
        else { return }
        recordChosen(into: &effects)
    }

    /// Writes the chosen prefix down.
    mutating func recordChosen(into effects: inout Effects) {
        guard peers.count > 1, chosenThrough > recordedChosen else { return }
        recordedChosen = chosenThrough
        _ = issue(.chosen(through: chosenThrough), into: &effects)
    }
}
