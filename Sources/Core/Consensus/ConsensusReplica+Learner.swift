package import CoreTypes

/// Learning what is chosen, and applying it.
extension ConsensusReplica {
    /// A leader says what is chosen.
    mutating func receiveChosen(
        _ ballot: Ballot, through slot: Slot, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        guard ballot.replica == sender.replica else { return }
        guard ballot >= promised else { return reject(to: sender.replica, into: &effects) }
        follow(ballot, into: &effects)
        noteChosen(ballot, through: slot, from: sender.replica, into: &effects)
    }

    /// Takes note that the leader of `ballot`, who is not below the promise, knows every slot through `slot` to be
    /// chosen.
    mutating func noteChosen(
        _ ballot: Ballot, through slot: Slot, from sender: ReplicaID, into effects: inout Effects
    ) {
        if ballot > catchUp.announcedBallot {
            catchUp.announcedBallot = ballot
            catchUp.announcedThrough = slot
        } else if ballot == catchUp.announcedBallot, slot > catchUp.announcedThrough {
            catchUp.announcedThrough = slot
        }
        if slot > catchUp.target { catchUp.target = slot }
        guard chosenThrough < catchUp.target else { return }
        learnAnnounced(into: &effects)
        requestMissing(preferring: sender, into: &effects)
    }

    /// True when an entry holds the chosen value: it was learned, or accepted under the very ballot whose leader
    /// announced it. What was accepted under another ballot may be another value (and a lost one at that).
    func isLearned(_ entry: SlotEntry, _ slot: Slot) -> Bool {
        entry.isChosen
            || entry.state == .accepted && slot <= catchUp.announcedThrough && entry.ballot == catchUp.announcedBallot
    }

    /// Moves the chosen prefix over what was announced and accepted under the announcing ballot.
    mutating func learnAnnounced(into effects: inout Effects) {
        var slot = chosenThrough.next
        while slot <= window.lastUsed, isLearned(window[slot], slot) {
            window[slot].isChosen = true
            slot = slot.next
        }
        advanceChosen(into: &effects)
    }

    /// A chosen value arrived.
    mutating func receiveLearn(_ learn: ChosenValue, from sender: ReplicaIdentity, into effects: inout Effects) {
        guard !isFenced else { return }
        if learn.slot <= chosenThrough {
            if learn.ballot > promised { leaveRole(following: .none, ballot: learn.ballot, into: &effects) }
            repair(learn.slot, learn.value, source: learn.ballot, into: &effects)
        } else if window.contains(learn.slot) {
            learnValue(learn, into: &effects)
            learnAnnounced(into: &effects)
            if role == .leader { recover(into: &effects) }
        }
        guard let asked = catchUp.asked, catchUp.askedPeer == sender.replica, asked.contains(learn.slot) else {
            return
        }
        catchUp.deadline = now.adding(milliseconds: configuration.retransmitMilliseconds)
        if learn.isLast || learn.slot == asked.last {
            catchUp.asked = nil
            requestMissing(preferring: sender.replica, into: &effects)
        }
    }

    /// Records a chosen value above the prefix.
    ///
    /// The record takes the ballot under which the sender holds it, which is at least one in which it was chosen, and
    /// nothing below is accepted any more: so recovery by the highest ballot finds it, whatever was accepted here
    /// before, and it cannot be outlived by a lost value.
    private mutating func learnValue(_ learn: ChosenValue, into effects: inout Effects) {
        if learn.ballot > promised { leaveRole(following: .none, ballot: learn.ballot, into: &effects) }
        let entry = window[learn.slot]
        if entry.isChosen || entry.state == .accepted && entry.ballot >= learn.ballot {
            guard entry.value == learn.value else {
                effects.divergences.append(learn.slot)
                return
            }
            window[learn.slot].isChosen = true
            return
        }
        // A damaged record may stand under any ballot up to the promise, and the whole one must win over it.
        let ballot = entry.state == .faulty || entry.state == .unknown ? promised : learn.ballot
        recordBallot(ballot, into: &effects)
        let token = issue(
            .accept(AcceptRecord(slot: learn.slot, ballot: ballot, source: learn.ballot, value: learn.value)),
            into: &effects)
        window[learn.slot] = SlotEntry(
            ballot: ballot, value: learn.value, token: token, votes: 0, state: .accepted, isChosen: true)
    }

    /// Records the bytes of a damaged slot of the prefix again, under a ballot that wins over the damaged record.
    mutating func repair(
        _ slot: Slot, _ value: ValueDescriptor, source: Ballot, into effects: inout Effects
    ) {
        guard let index = catchUp.damaged.firstIndex(where: { $0.contains(slot) }) else { return }
        recordBallot(promised, into: &effects)
        _ = issue(
            .accept(AcceptRecord(slot: slot, ballot: promised, source: source, value: value)), into: &effects)
        catchUp.damagedSlots.removeAll { $0.slot == slot }
        let range = catchUp.damaged.remove(at: index)
        if slot < range.last { catchUp.damaged.insert(SlotRange(first: slot.next, last: range.last), at: index) }
        if range.first < slot { catchUp.damaged.insert(SlotRange(first: range.first, last: slot.previous), at: index) }
    }

    /// The state machine has every slot through `slot`.
    package mutating func applied(through slot: Slot, into effects: inout Effects) {
        invariant(slot <= chosenThrough, "a slot is applied that is not chosen")
        guard slot > appliedThrough else { return }
        let couldVote = mayVote
        appliedThrough = slot
        dropOldMemberships()
        // Every vote is sent behind this record: a restart must not take this replica back to before its first vote,
        // where it could not help to elect the leader that it would have to learn from.
        if !couldVote, mayVote { recordChosen(into: &effects) }
        if role == .leader, !leadership.isServing || leadership.nextSlot <= leadership.inheritedThrough {
            recover(into: &effects)
        }
    }

    /// A snapshot was installed in place of every slot through `slot`: it is durable, the state machine has them, and
    /// `installed` stands.
    package mutating func installed(
        through slot: Slot, _ installed: [ScheduledMembership], into effects: inout Effects
    ) {
        guard slot > appliedThrough, !installed.isEmpty else { return }
        if role == .leader, slot >= leadership.firstSlot {
            leaveRole(following: .none, ballot: promised, into: &effects)
        }
        window.drop(through: slot)
        appliedThrough = slot
        firstRetainedSlot = max(firstRetainedSlot, slot.next)
        recordedChosen = max(recordedChosen, slot)
        catchUp.asked = nil
        catchUp.target = max(catchUp.target, slot)
        catchUp.damaged.removeAll { $0.last <= slot }
        catchUp.damagedSlots.removeAll { $0.slot <= slot }
        if let first = catchUp.damaged.first, first.first <= slot {
            catchUp.damaged[0] = SlotRange(first: slot.next, last: first.last)
        }
        memberships = installed
        membershipsDidChange()
        effects.chosenThrough = chosenThrough
        learnAnnounced(into: &effects)
        requestMissing(preferring: leader, into: &effects)
    }
}
