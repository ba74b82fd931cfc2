package import CoreTypes

/// Fetching chosen values from whoever has them, and serving them.
extension ConsensusReplica {
    /// Asks for the first values that are missing, unless some are under way.
    mutating func requestMissing(preferring peer: ReplicaID = .none, into effects: inout Effects) {
        guard catchUp.asked == nil, !isFenced, let slots = missingSlots else { return }
        let receiver = peer != .none && peer != configuration.identity.replica ? peer : nextDonor
        guard receiver != .none else { return }
        catchUp.asked = slots
        catchUp.askedPeer = receiver
        catchUp.deadline = now.adding(milliseconds: configuration.retransmitMilliseconds)
        effects.send.append(Envelope(to: receiver, .fetch(first: slots.first, last: slots.last)))
    }

    /// The first run of slots that are chosen and not here, damaged ones first.
    private var missingSlots: SlotRange? {
        let limit = UInt64(configuration.fetchSlotCountMax) - 1
        if let damaged = catchUp.damaged.first {
            let end = Slot(rawValue: damaged.first.rawValue + limit)
            return SlotRange(first: damaged.first, last: min(damaged.last, end))
        }
        let first = chosenThrough.next
        guard first <= catchUp.target else { return nil }
        let end = min(catchUp.target, Slot(rawValue: first.rawValue + limit))
        var last = first
        while last < end, last.next > window.lastUsed || !isLearned(window[last.next], last.next) { last = last.next }
        return SlotRange(first: first, last: last)
    }

    /// The replica after the one that was asked last.
    private var nextDonor: ReplicaID {
        let start = peerIndex(of: catchUp.askedPeer) ?? 0
        for distance in 1...max(1, peers.count) {
            let index = (start + distance) % max(1, peers.count)
            if index < peers.count, index != ownIndex { return peers[index].replica }
        }
        return .none
    }

    /// Asks someone else when an answer is overdue.
    mutating func catchUpTick(into effects: inout Effects) {
        if catchUp.asked != nil, now < catchUp.deadline { return }
        if catchUp.asked != nil {
            catchUp.asked = nil
            requestMissing(into: &effects)
            requestAccepted(into: &effects)
        } else {
            requestMissing(preferring: leader, into: &effects)
        }
    }

    /// Nobody who knows damaged slots to be chosen may have their values any more. Somebody who does not may.
    private mutating func requestAccepted(into effects: inout Effects) {
        guard let first = catchUp.damagedSlots.first(where: { $0.ballotMax != nil })?.slot, catchUp.asked != nil
        else { return }
        let limit = Slot(rawValue: first.rawValue + UInt64(configuration.fetchSlotCountMax) - 1)
        let last = min(limit, catchUp.damagedSlots.last?.slot ?? first)
        effects.send.append(Envelope(to: catchUp.askedPeer, .fetchAccepted(first: first, last: last)))
    }

    /// Bytes that somebody accepted arrived for a slot that is chosen and damaged here.
    ///
    /// What was chosen in a slot was chosen in a ballot no higher than that of the own record, and from that ballot on
    /// every proposal for the slot is of the chosen value (*Paxos Made Simple*, P2c): so is whatever was accepted under
    /// the ballot of the own record or a higher one.
    mutating func repair(
        _ slot: Slot, _ value: ValueDescriptor, acceptedUnder ballot: Ballot, into effects: inout Effects
    ) {
        guard slot <= chosenThrough,
            let ballotMax = catchUp.damagedSlots.first(where: { $0.slot == slot })?.ballotMax, ballot >= ballotMax
        else { return }
        if ballot > promised { leaveRole(following: .none, ballot: ballot, into: &effects) }
        repair(slot, value, source: ballot, into: &effects)
        requestMissing(into: &effects)
    }

    /// A peer asks for chosen values.
    mutating func receiveFetch(
        first: Slot, last: Slot, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        guard first <= chosenThrough else { return }
        var end = min(last, chosenThrough)
        if let damaged = catchUp.damaged.first(where: { $0.last >= first }), damaged.first <= end {
            end = damaged.first.previous
        }
        guard first >= firstRetainedSlot, first <= end else {
            effects.send.append(Envelope(to: sender.replica, .unavailable(firstSlot: firstRetainedSlot)))
            return
        }
        effects.serve.append(ServeRequest(to: sender.replica, slots: SlotRange(first: first, last: end)))
    }

    /// A peer cannot send what was asked for. If its log begins later, this replica needs a snapshot; if not, the slot
    /// is damaged there too, and someone else is asked.
    mutating func receiveUnavailable(_ firstSlot: Slot, from sender: ReplicaIdentity, into effects: inout Effects) {
        guard let asked = catchUp.asked, catchUp.askedPeer == sender.replica else { return }
        catchUp.asked = nil
        if firstSlot > asked.first {
            effects.snapshotNeed = SnapshotNeed(from: sender.replica, firstSlot: firstSlot)
            catchUp.asked = asked
            catchUp.deadline = now.adding(milliseconds: configuration.electionTimeoutMilliseconds)
        } else {
            catchUp.deadline = now.adding(milliseconds: configuration.retransmitMilliseconds)
            catchUp.asked = asked
        }
    }

    /// The log holds no value of a slot before `slot` any more.
    package mutating func retained(from slot: Slot) { firstRetainedSlot = max(firstRetainedSlot, slot) }

    /// The value of a chosen slot is damaged here, or may be another one than the log holds.
    package func isDamaged(_ slot: Slot) -> Bool { catchUp.damaged.contains { $0.contains(slot) } }

    /// Chosen values turned out to be damaged here: they are fetched again, and not served until they are.
    package mutating func damaged(_ slots: SlotRange, into effects: inout Effects) {
        guard slots.first <= chosenThrough,
            !catchUp.damaged.contains(where: { $0.first <= slots.first && slots.last <= $0.last })
        else { return }
        catchUp.damaged.append(SlotRange(first: slots.first, last: min(slots.last, chosenThrough)))
        catchUp.damaged.sort { $0.first < $1.first }
        requestMissing(preferring: leader, into: &effects)
    }
}
