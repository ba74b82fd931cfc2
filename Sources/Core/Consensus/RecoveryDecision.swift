internal import CoreTypes

/// What a new leader must propose in one slot.
enum RecoveryDecision: Hashable, Sendable {
    /// This value: it may be chosen. `holder` has its bytes.
    case propose(ValueDescriptor, holder: ReplicaIdentity)
    /// Nothing can have been chosen: the leader is free.
    case free
    /// It cannot be told yet: more acceptors must answer, or the bytes must turn up.
    case wait

    /// Decides from the promises of one ballot, by the rule of *Paxos Made Simple* (§2.2, P2c), extended for acceptors
    /// that lost bytes or records:
    ///
    /// 1. An answer is informative for a slot unless it says "unknown", or knows the slot to be chosen and therefore
    ///    reports nothing about it. A quorum must have answered informatively.
    /// 2. The value of the highest ballot reported is proposed if anyone has its bytes: the textbook's rule. (What
    ///    stands beside an "unknown" was accepted too, and counts as a report; it is not a full answer.)
    /// 3. If all who report that ballot lost the bytes, it matters whether the value can have been chosen. Everybody
    ///    who answered informatively with less has never voted for it and, having promised, never will. Whoever did not
    ///    answer, answered "unknown", or reports that ballot or a higher one, may have. If those make a quorum: wait.
    ///    Else no value of that ballot, nor of any ballot between it and the next lower one reported, was ever
    ///    chosen or will be, and the next lower ballot is looked at in the same way.
    /// 4. With no ballot left, the leader is free.
    ///
    /// Without damage only 1, 2 and 4 occur. Rule 3 is the `dontHave` majority of *Protocol-Aware Recovery* (FAST
    /// 2018, §3.4.3) in terms of Paxos.
    ///
    /// - Complexity: O(replies² log entries).
    static func make(slot: Slot, replies: [PromiseReply], membership: Membership) -> RecoveryDecision {
        var informative: UInt64 = 0
        var reports: [Report] = []
        for reply in replies {
            guard let voter = membership.voterIndex(of: reply.identity) else { continue }
            guard slot > reply.promise.chosenThrough else { continue }
            if !reply.promise.unknown.contains(where: { $0.contains(slot) }) { informative |= 1 << UInt64(voter) }
            for entry in reply.promise.entries(at: slot) {
                reports.append(Report(voter: 1 << UInt64(voter), identity: reply.identity, entry: entry))
            }
        }
        guard membership.isQuorum(informative) else { return .wait }
        reports.sort { $0.entry.ballot > $1.entry.ballot }
        for report in reports {
            if let whole = reports.first(where: { $0.hasBytes && $0.mustEqual(report) }) {
                return .propose(whole.entry.value, holder: whole.identity)
            }
            var deniers = informative
            for other in reports where other.entry.ballot >= report.entry.ballot { deniers &= ~other.voter }
            if membership.isQuorum(membership.voterMask & ~deniers) { return .wait }
        }
        return .free
    }

    /// One acceptor's report of the slot.
    private struct Report {
        var voter: UInt64
        var identity: ReplicaIdentity
        var entry: PromiseEntry
        /// Two reports of one ballot are of one value, whether the lost one of them still knows its checksum or not; and a
        /// value may have been proposed again under a higher ballot.
        func mustEqual(_ other: Report) -> Bool {
            entry.ballot == other.entry.ballot || entry.value == other.entry.value
        }

        var hasBytes: Bool { entry.isWhole || entry.value.kind == .noOp }
    }
}

extension Promise {
    /// What is reported of a slot: nothing, an entry, or two.
    ///
    /// - Complexity: O(log entries).
    func entries(at slot: Slot) -> ArraySlice<PromiseEntry> {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].slot < slot { low = middle + 1 } else { high = middle }
        }
        return entries[low...].prefix { $0.slot == slot }
    }

    /// The last slot that is reported in any way, or `chosenThrough`.
    var lastSlot: Slot {
        max(chosenThrough, entries.last?.slot ?? .none, unknown.map(\.last).max() ?? .none)
    }
}
