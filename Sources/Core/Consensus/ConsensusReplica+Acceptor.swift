internal import CoreTypes

/// The acceptor: promises and acceptances, each durable before it is spoken of.
extension ConsensusReplica {
    /// Phase 1a arrived: promises the ballot for every slot, and reports what was accepted.
    ///
    /// Whatever the report says is in records handed over before the promise's, so waiting for the last record makes
    /// promise and report durable together.
    mutating func receivePrepare(
        _ ballot: Ballot, firstSlot: Slot, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        guard ballot.replica == sender.replica, mayVote else { return }
        guard ballot >= promised else { return reject(to: sender.replica, into: &effects) }
        if ballot > promised || role != .follower { leaveRole(following: .none, ballot: ballot, into: &effects) }
        recordBallot(ballot, into: &effects)
        restartElectionWait()
        let promise = makePromise(ballot, firstSlot: firstSlot)
        effects.sendAfterPersist.append(
            DeferredEnvelope(after: issued, Envelope(to: sender.replica, .promise(promise))))
    }

    /// All that was accepted from `firstSlot` on, above the chosen prefix.
    func makePromise(_ ballot: Ballot, firstSlot: Slot) -> Promise {
        // What it knows to be chosen and cannot send is no help to anyone: it does not claim that prefix.
        let damaged = catchUp.damaged.first { $0.last >= firstSlot }
        let readable = damaged.map { max($0.first, firstSlot).previous } ?? chosenThrough
        var promise = Promise(ballot: ballot, chosenThrough: readable, entries: [], unknown: [])
        if readable < chosenThrough {
            promise.unknown.append(SlotRange(first: readable.next, last: chosenThrough))
        }
        var slot = max(firstSlot, chosenThrough.next)
        var uncertain = uncertain[...]
        while slot <= window.lastUsed {
            let entry = window[slot]
            switch entry.state {
            case .empty: break
            case .accepted, .faulty:
                promise.entries.append(
                    PromiseEntry(
                        slot: slot, ballot: entry.ballot, value: entry.value, isWhole: entry.state == .accepted))
            case .unknown:
                uncertain = uncertain.drop { $0.slot < slot }
                if let found = uncertain.first, found.slot == slot, let newest = found.newerBallotMax {
                    // What is lost first, then what is left.
                    let lost = ValueDescriptor(byteCount: 0, checksum: 0, commandCount: 0)
                    promise.entries.append(PromiseEntry(slot: slot, ballot: newest, value: lost, isWhole: false))
                    promise.entries.append(
                        PromiseEntry(slot: slot, ballot: entry.ballot, value: entry.value, isWhole: true))
                    break
                }
                if entry.ballot != .none {
                    promise.entries.append(
                        PromiseEntry(slot: slot, ballot: entry.ballot, value: entry.value, isWhole: true))
                }
                if let last = promise.unknown.last, last.last.next == slot {
                    promise.unknown[promise.unknown.count - 1].last = slot
                } else {
                    promise.unknown.append(SlotRange(first: slot, last: slot))
                }
            }
            slot = slot.next
        }
        return promise
    }

    /// Writes a ballot down before the first record that stands under it: so the promise records alone tell the
    /// highest ballot in any record, also when the log no longer holds the others.
    mutating func recordBallot(_ ballot: Ballot, into effects: inout Effects) {
        guard ballot > recordedBallot else { return }
        recordedBallot = ballot
        _ = issue(.promise(ballot), into: &effects)
    }

    /// Phase 2a arrived.
    mutating func receiveAccept(_ accept: Accept, from sender: ReplicaIdentity, into effects: inout Effects) {
        guard accept.ballot.replica == sender.replica, !isFenced else { return }
        guard accept.ballot >= promised else { return reject(to: sender.replica, into: &effects) }
        follow(accept.ballot, into: &effects)
        if accept.slot <= chosenThrough {
            // It votes without writing: see "Voting for what is known to be chosen" in the article Durability. Unless
            // the value is damaged here, nothing need be written.
            repair(accept.slot, accept.value, source: accept.ballot, into: &effects)
            acknowledge(accept.slot, accept.ballot, into: &effects)
        } else if accept.slot <= lastAcceptableSlot, window.contains(accept.slot) {
            record(accept, into: &effects)
        }
        noteChosen(accept.ballot, through: accept.chosenThrough, from: sender.replica, into: &effects)
    }

    /// Accepts a value above the chosen prefix, unless it was accepted before; acknowledges it when it is durable.
    private mutating func record(_ accept: Accept, into effects: inout Effects) {
        let entry = window[accept.slot]
        if entry.isChosen, entry.value != accept.value {
            effects.divergences.append(accept.slot)
            return
        }
        if entry.ballot != accept.ballot || entry.state != .accepted {
            recordChosenIfDue(into: &effects)
            recordBallot(accept.ballot, into: &effects)
            let token = issue(
                .accept(
                    AcceptRecord(
                        slot: accept.slot, ballot: accept.ballot, source: accept.ballot, value: accept.value)),
                into: &effects)
            window[accept.slot] = SlotEntry(
                ballot: accept.ballot, value: accept.value, token: token, votes: 0, state: .accepted,
                isChosen: entry.isChosen)
        }
        acknowledge(accept.slot, accept.ballot, into: &effects)
    }

    /// Tells the leader that a slot is accepted, once that is durable. Neighbouring slots share a message.
    ///
    /// It waits for the last record of all, also when its own was an earlier one: so the tokens of deferred messages
    /// never fall, and the shell can keep them in a queue.
    private mutating func acknowledge(_ slot: Slot, _ ballot: Ballot, into effects: inout Effects) {
        guard mayVote || isObserver else { return }
        let last = effects.sendAfterPersist.count - 1
        if last >= 0, effects.sendAfterPersist[last].envelope.receiver == ballot.replica,
            case .accepted(ballot, let first, let previous) = effects.sendAfterPersist[last].envelope.message,
            previous.next == slot
        {
            effects.sendAfterPersist[last] = DeferredEnvelope(
                after: issued, Envelope(to: ballot.replica, .accepted(ballot: ballot, first: first, last: slot)))
            return
        }
        effects.sendAfterPersist.append(
            DeferredEnvelope(
                after: issued, Envelope(to: ballot.replica, .accepted(ballot: ballot, first: slot, last: slot))))
    }

    /// An observer acknowledges too, for the sake of flow control; nobody counts it.
    private var isObserver: Bool {
        guard !isFenced, let index = ownIndex, let member = memberships.last?.membership.members[index] else {
            return false
        }
        return !member.isVoter && member.identity == configuration.identity
    }

    /// Says that a ballot is too low. Nothing durable is claimed: the sender merely learns of a higher ballot.
    mutating func reject(to replica: ReplicaID, into effects: inout Effects) {
        effects.send.append(Envelope(to: replica, .reject(promised: promised)))
    }
}
