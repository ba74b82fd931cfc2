package import CoreTypes

/// Who votes on what.
///
/// A membership chosen in slot s is in force from slot s + `membershipDelaySlotCount`, and nobody proposes in a slot
/// that lies further ahead of its own applied prefix than that, so whoever proposes in a slot knows its membership
/// (Lamport, *Paxos Made Simple*, §3, where the delay is called alpha).
extension ConsensusReplica {
    /// Slots the window must have places for: what an acceptor accepts ahead of the prefix, and what it may find on
    /// its disk, where the recorded prefix lies behind by up to a delay.
    static func windowSlotCount(configuration: Configuration, recovered: RecoveredState) -> Int {
        let regular = 4 * configuration.membershipDelaySlotCount
        let last = recovered.accepted.last?.slot ?? recovered.chosenThrough
        let found = Int(clamping: last.rawValue - min(last, recovered.chosenThrough).rawValue)
        return max(regular, found)
    }

    /// The last slot that this acceptor accepts anything in.
    var lastAcceptableSlot: Slot {
        Slot(rawValue: chosenThrough.rawValue + 3 * UInt64(configuration.membershipDelaySlotCount))
    }

    /// The last slot whose membership is known for certain.
    var lastGovernedSlot: Slot {
        Slot(rawValue: appliedThrough.rawValue + UInt64(configuration.membershipDelaySlotCount))
    }

    /// Puts what the disk said into the window.
    mutating func restoreWindow(_ recovered: RecoveredState) {
        for found in recovered.accepted where window.contains(found.slot) {
            window[found.slot] = SlotEntry(
                ballot: found.ballot, value: found.value, token: .none, votes: 0,
                state: found.isWhole ? .accepted : .faulty, isChosen: false)
            guard found.newerBallotMax != nil else { continue }
            window[found.slot].state = .unknown
            uncertain.append(found)
        }
        for range in recovered.unknown {
            var slot = max(range.first, chosenThrough.next)
            while slot <= range.last, window.contains(slot) {
                if window[slot].state == .faulty { window[slot] = .empty }
                window[slot].state = .unknown
                slot = slot.next
            }
        }
    }

    /// Recomputes what follows from `memberships`.
    mutating func membershipsDidChange() {
        let own = configuration.identity
        rules = memberships.map { scheduled in
            let index = scheduled.membership.voterIndex(of: own)
            return QuorumRule(
                firstSlot: scheduled.firstSlot, voterMask: scheduled.membership.voterMask,
                quorumCount: scheduled.membership.quorumCount, ownBit: index.map { 1 << UInt64($0) } ?? 0)
        }
        let firstVote = memberships.firstIndex { $0.membership.voterIndex(of: own) != nil }
        votesFrom = firstVote.map { $0 == 0 ? .none : memberships[$0].firstSlot }
        guard let newest = memberships.last?.membership else { return }
        let known = peers
        peers = newest.members.map { member in
            known.first { $0.replica == member.identity.replica } ?? Peer(replica: member.identity.replica)
        }
        ownIndex = newest.index(of: own.replica)
    }

    /// The membership in force for a slot.
    @inline(__always)
    func ruleIndex(at slot: Slot) -> Int {
        var index = rules.count - 1
        while index > 0, rules[index].firstSlot > slot { index -= 1 }
        return index
    }

    /// The replica at `chosenIn` changes the membership; see `Input.membershipChanged`.
    package mutating func membershipChanged(
        _ membership: Membership, chosenIn slot: Slot, into effects: inout Effects
    ) {
        let firstSlot = Slot(rawValue: slot.rawValue + UInt64(configuration.membershipDelaySlotCount))
        guard let last = memberships.last, last.firstSlot < firstSlot else { return }
        memberships.append(ScheduledMembership(firstSlot: firstSlot, membership: membership))
        let wasLeading = role == .leader
        membershipsDidChange()
        guard wasLeading else { return }
        updatePromisedThrough()
    }

    /// Forgets memberships that no open slot is governed by.
    mutating func dropOldMemberships() {
        let before = memberships.count
        while memberships.count > 1, memberships[1].firstSlot <= appliedThrough.next { memberships.removeFirst() }
        if memberships.count < before { membershipsDidChange() }
    }

    /// True when this replica's promises and acceptances count somewhere, and it knows enough to make them: a
    /// readmitted one must have applied everything before its first vote.
    package var mayVote: Bool {
        guard !isFenced, let first = votesFrom else { return false }
        return first == .none || appliedThrough.next >= first
    }

    /// True when it may ask for the lead.
    var mayLead: Bool { mayVote && ownIndex != nil }

    /// True when the voters of `set`, given by member of the newest membership with the incarnations last heard, are
    /// a quorum in every membership that may be in force.
    func isQuorumEverywhere(_ isIn: (Int) -> Bool) -> Bool {
        for scheduled in memberships {
            var set: UInt64 = 0
            for (index, member) in scheduled.membership.members.enumerated() where index < peers.count && isIn(index) {
                let incarnation =
                    index == ownIndex ? configuration.identity.incarnation : peers[index].incarnation
                if incarnation == member.identity.incarnation { set |= 1 << UInt64(index) }
            }
            if !scheduled.membership.isQuorum(set) { return false }
        }
        return true
    }
}
