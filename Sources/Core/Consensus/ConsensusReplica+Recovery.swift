internal import CoreTypes

/// From a quorum of promises to a leader that serves: finding out what may be chosen, and choosing it again.
extension ConsensusReplica {
    /// Leads, if the own promise is durable and a quorum has promised.
    mutating func leadIfPromised(into effects: inout Effects) {
        guard role == .candidate, durable >= leadership.promiseToken else { return }
        let first = max(chosenThrough, leadership.replies.map(\.promise.chosenThrough).max() ?? .none).next
        guard hasPromiseQuorum(memberships[ruleIndex(at: first)].membership) else { return }
        let own = makePromise(leadership.ballot, firstSlot: chosenThrough.next)
        leadership.replies.append(PromiseReply(identity: configuration.identity, promise: own))
        lead(from: first, into: &effects)
    }

    /// True when the replies and this replica, if it votes there, are a quorum of a membership.
    private func hasPromiseQuorum(_ membership: Membership) -> Bool {
        var set: UInt64 = 0
        for reply in leadership.replies {
            if let voter = membership.voterIndex(of: reply.identity) { set |= 1 << UInt64(voter) }
        }
        if let voter = membership.voterIndex(of: configuration.identity) { set |= 1 << UInt64(voter) }
        return membership.isQuorum(set)
    }

    /// Begins to lead. Every slot below `first` is known to be chosen by someone who promised, and is fetched like
    /// any other; from there on, every slot in which anything was found is proposed again.
    private mutating func lead(from first: Slot, into effects: inout Effects) {
        role = .leader
        leader = configuration.identity.replica
        leadership.firstSlot = first
        leadership.nextSlot = first
        leadership.ownDurable = first.previous
        leadership.inheritedThrough = max(
            first.previous, leadership.replies.map(\.promise.lastSlot).max() ?? .none)
        leadership.beginning = now
        for index in peers.indices { peers[index].begin(at: first, now: now) }
        updatePromisedThrough()
        catchUp.target = max(catchUp.target, first.previous)
        effects.role = roleState
        if peers.count > 1 { sendHeartbeats(into: &effects) }
        recover(into: &effects)
        let donor = leadership.replies.max { $0.promise.chosenThrough < $1.promise.chosenThrough }
        requestMissing(preferring: donor?.identity.replica ?? .none, into: &effects)
    }

    /// Works out through which slot a quorum of the membership in force has promised.
    mutating func updatePromisedThrough() {
        guard role == .leader else { return }
        var through = Slot(rawValue: .max)
        for (index, scheduled) in memberships.enumerated().reversed() {
            if !hasPromiseQuorum(scheduled.membership) {
                through = index == 0 ? leadership.firstSlot.previous : scheduled.firstSlot.previous
            }
        }
        leadership.promisedThrough = through
    }

    /// Proposes what was found, in slot order, as far as the window reaches and as it is decided.
    ///
    /// - Parameter held: bytes that the shell has at hand during this step only.
    mutating func recover(held: HeldValue? = nil, into effects: inout Effects) {
        guard role == .leader else { return }
        while leadership.nextSlot <= leadership.inheritedThrough {
            let slot = leadership.nextSlot
            guard slot <= lastGovernedSlot, slot <= leadership.promisedThrough, window.contains(slot) else { break }
            switch decision(for: slot) {
            case .free: place(.noOp, source: leadership.ballot, into: &effects)
            case .wait: return askForHeld(slot, holder: nil, into: &effects)
            case .propose(let value, let holder):
                let entry = window[slot]
                if value.kind == .noOp {
                    place(value, source: leadership.ballot, into: &effects)
                } else if entry.hasBytes, entry.value == value {
                    place(value, source: entry.ballot, into: &effects)
                } else if let held, held.slot == slot, held.value == value {
                    place(value, source: held.ballot, into: &effects)
                } else {
                    return askForHeld(slot, holder: holder, into: &effects)
                }
            }
        }
        advanceChosen(into: &effects)
        updateServing(into: &effects)
    }

    private func decision(for slot: Slot) -> RecoveryDecision {
        let entry = window[slot]
        if entry.isChosen {
            return .propose(entry.value, holder: configuration.identity)
        }
        return RecoveryDecision.make(
            slot: slot, replies: leadership.replies, membership: memberships[ruleIndex(at: slot)].membership)
    }

    /// Asks a holder for the bytes of a slot and of the ones after it, which are likely to be missing too, and so
    /// everyone who could not tell; and whoever knows the slot to be chosen for its value.
    private mutating func askForHeld(_ slot: Slot, holder: ReplicaIdentity?, into effects: inout Effects) {
        let asked = holder?.replica ?? .none
        guard now >= leadership.heldDeadline || leadership.heldAskedThrough < slot || leadership.heldHolder != asked
        else { return }
        leadership.heldHolder = asked
        leadership.heldDeadline = now.adding(milliseconds: configuration.retransmitMilliseconds)
        let limit = Slot(rawValue: slot.rawValue + UInt64(configuration.fetchSlotCountMax) - 1)
        let last = max(slot, min(leadership.inheritedThrough, lastGovernedSlot, limit))
        leadership.heldAskedThrough = last
        let ask = Message.fetchAccepted(first: slot, last: last)
        for reply in leadership.replies where reply.identity != configuration.identity {
            if reply.identity == holder || reply.promise.unknown.contains(where: { $0.contains(slot) }) {
                effects.send.append(Envelope(to: reply.identity.replica, ask))
            }
            if reply.promise.chosenThrough >= slot {
                catchUp.target = max(catchUp.target, reply.promise.chosenThrough)
                requestMissing(preferring: reply.identity.replica, into: &effects)
            }
        }
    }

    /// A new leader asks for bytes. What is accepted is sent under its ballot; what is chosen, as chosen.
    mutating func receiveFetchAccepted(
        first: Slot, last: Slot, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        if first <= chosenThrough {
            receiveFetch(first: first, last: min(last, chosenThrough), from: sender, into: &effects)
            for damaged in catchUp.damagedSlots where damaged.slot >= first && damaged.slot <= last {
                guard let older = damaged.older else { continue }
                effects.send.append(
                    Envelope(to: sender.replica, .held(slot: older.slot, ballot: older.ballot, value: older.value)))
            }
        }
        var slot = max(first, chosenThrough.next)
        var isDamaged = false
        while slot <= min(last, window.lastUsed) {
            let entry = window[slot]
            if entry.hasBytes {
                effects.send.append(
                    Envelope(to: sender.replica, .held(slot: slot, ballot: entry.ballot, value: entry.value)))
            } else if entry.state != .empty {
                isDamaged = true
            }
            slot = slot.next
        }
        if isDamaged, promised.replica == sender.replica, mayVote {
            // It was whole when it was promised: the leader must decide again.
            let promise = makePromise(promised, firstSlot: first)
            effects.sendAfterPersist.append(
                DeferredEnvelope(after: issued, Envelope(to: sender.replica, .promise(promise))))
        }
    }

    /// Bytes that were asked for arrived: for a damaged slot, or for a new leader, to whom they matter only if they are
    /// those of the slot that is next.
    mutating func receiveHeld(_ slot: Slot, ballot: Ballot, value: ValueDescriptor, into effects: inout Effects) {
        repair(slot, value, acceptedUnder: ballot, into: &effects)
        guard role == .leader, slot == leadership.nextSlot, slot <= leadership.inheritedThrough else { return }
        recover(held: HeldValue(slot: slot, ballot: ballot, value: value), into: &effects)
    }

    /// A promise that came after the lead began: it may settle what had to wait, and a new membership may need it.
    mutating func takeLatePromise(_ promise: Promise, into effects: inout Effects) {
        updatePromisedThrough()
        leadership.inheritedThrough = max(leadership.inheritedThrough, promise.lastSlot)
        recover(into: &effects)
    }

    /// Serves once everything inherited is chosen under the own ballot and applied.
    mutating func updateServing(into effects: inout Effects) {
        guard role == .leader, !leadership.isServing, leadership.nextSlot > leadership.inheritedThrough,
            appliedThrough >= leadership.inheritedThrough
        else { return }
        leadership.isServing = true
        // Beyond what was inherited the replies say "no", and so they do without their entries.
        for index in leadership.replies.indices {
            leadership.replies[index].promise.entries = []
            leadership.replies[index].promise.unknown = []
        }
        effects.role = roleState
    }
}
