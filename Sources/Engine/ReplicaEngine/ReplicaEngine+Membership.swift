internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import PeerWire
internal import ZnodeTree

/// Who votes, as replicated state, and how a directory that took the place of a lost one gets its vote (`design.md` D9).
/// The article *Replication* has the argument.
extension ReplicaEngine {
    /// A replica without a vote asks for one this often.
    private static let admissionPeriodMilliseconds: UInt64 = 1_000
    /// What was not fetched by then is lost, the oldest first.
    private static let noticeCountMax = 64

    /// Whether this replica's acceptances count in the next slot. One that was readmitted says so once everything that it
    /// had to catch up with is durable here; it sends no vote before that.
    package var isVoting: Bool { consensus.mayVote && peers?.isVoting != false }

    /// What an operator should be told of the membership since the last call, oldest first.
    package func takeNotices() -> [String] {
        guard !notices.isEmpty else { return [] }
        defer { notices.removeAll() }
        return notices
    }

    /// The memberships that may still matter after what a tree holds, for consensus; nil if this version cannot read
    /// them.
    func scheduledMemberships(of tree: ZnodeTree) -> [ScheduledMembership]? {
        MembershipSchedule.memberships(of: tree, founding: identity.firstMembership)
    }

    // MARK: At apply

    /// Takes over what the tree says without a command having been applied here: at the start, and after another state
    /// took the place of the own one. Consensus is told by the caller.
    ///
    /// - Parameter recorded: what the log has as the newest membership.
    func adoptMembership(of tree: ZnodeTree, recorded: [UInt8] = []) {
        membershipFirstSlot = tree.membershipFirstSlot
        guard let row = tree.membership, row.newest != recorded else { return }
        record(membership: row.newest)
    }

    /// A slot was applied, after which the newest membership is in force from `firstSlot` on.
    func followMembership(of slot: Slot, _ firstSlot: Slot) {
        guard firstSlot != membershipFirstSlot else { return }
        membershipFirstSlot = firstSlot
        let delay = UInt64(consensus.configuration.membershipDelaySlotCount)
        guard let row = shared.withLock({ $0.membership }), let newest = MembershipCodec.decode(row.newest),
            let previous = MembershipCodec.decode(row.previous)
        else { return stop(MembershipSchedule.unreadable(in: "\(directory.path)")) }
        guard row.firstSlot.rawValue == slot.rawValue + delay else {
            return stop("slot \(slot.rawValue) changes the membership after another delay than this version has")
        }
        effects.removeAll()
        consensus.membershipChanged(newest, chosenIn: slot, into: &effects)
        interpretEffects()
        record(membership: row.newest)
        for member in newest.members where !previous.members.contains(member) {
            counters.readmissions += 1
            let own = member.identity.replica == options.replica ? "this replica" : "replica"
            note(
                "\(own) \(member.identity.replica.rawValue) is readmitted as incarnation "
                    + "\(member.identity.incarnation.value): it votes from slot \(firstSlot.rawValue) on")
        }
    }

    /// Notes the newest membership in the log, for those who look at it without the tree. No checkpoint is begun before
    /// that is durable.
    func recordMembership() {
        guard let bytes = unrecordedMembership else { return }
        do throws(LogRefusal) {
            let sequence = try unsafe log.append(membership: bytes.span.bytes)
            appliedSequence = max(appliedSequence, sequence)
            unrecordedMembership = nil
        } catch {
            // There is no room now: it is tried again when the log gets on.
            return
        }
    }

    /// Notes how far slots are known to be chosen: with the next group, or at once if this is the first note that reaches
    /// the newest membership, behind which a replica that was readmitted votes.
    func append(chosenThrough slot: Slot) throws(LogRefusal) -> LogSequence {
        let isFirst = slot.next >= membershipFirstSlot && notedChosenSlot.next < membershipFirstSlot
        let sequence = try log.append(chosenThrough: slot, isUrgent: isFirst)
        notedChosenSlot = max(notedChosenSlot, slot)
        if isFirst { appliedSequence = max(appliedSequence, sequence) }
        return sequence
    }

    private func record(membership bytes: [UInt8]) {
        unrecordedMembership = bytes
        recordMembership()
    }

    private func note(_ notice: String) {
        if notices.count == Self.noticeCountMax { notices.removeFirst() }
        notices.append(notice)
    }

    // MARK: Asking

    /// Asks the leader for readmission, if this directory took the place of one that was lost.
    func askForAdmission() {
        guard let peers else { return }
        noteVote(peers)
        guard now >= peers.admissionTick, !consensus.isLeader, peers.target != .none, let link = peers.link,
            needsAdmission
        else { return }
        peers.admissionTick = now.adding(milliseconds: Self.admissionPeriodMilliseconds)
        let (scratch, empty) = (peers.scratch, peers.empty)
        scratch.removeAll()
        PeerWire.append(.admission, payload: empty.bytes, to: scratch)
        link.send(scratch.bytes, to: peers.target)
    }

    /// Says when this replica got or lost its vote.
    private func noteVote(_ peers: PeerTraffic) {
        let wasVoting = peers.isVoting
        let isVoting = consensus.mayVote && (wasVoting == true || isAppliedDurable)
        peers.isVoting = isVoting
        guard wasVoting != nil, wasVoting != isVoting else { return }
        note(isVoting ? "this replica votes from now on" : "this replica does not vote any more")
    }

    /// A voter stands in the newest membership under this replica's number and another incarnation. A directory whose own
    /// place was taken by another one does not ask for it back.
    private var needsAdmission: Bool {
        let own = ReplicaIdentity(replica: identity.replica, incarnation: identity.incarnation)
        return isAdmissible(own) && !wasMember(own)
    }

    private func isAdmissible(_ candidate: ReplicaIdentity) -> Bool {
        guard let newest = consensus.memberships.last?.membership, let index = newest.index(of: candidate.replica)
        else { return false }
        return newest.members[index].isVoter && newest.members[index].identity != candidate
    }

    /// Whether an incarnation is known to have been a member before the newest membership.
    private func wasMember(_ candidate: ReplicaIdentity) -> Bool {
        if identity.firstMembership.voterIndex(of: candidate) != nil { return true }
        guard let row = shared.withLock({ $0.membership }) else { return false }
        return MembershipCodec.decode(row.previous)?.voterIndex(of: candidate) != nil
    }

    // MARK: Admitting

    /// Notes that a member was heard of, in the incarnation that votes.
    func noteHeard(_ sender: ReplicaIdentity, _ peers: PeerTraffic) {
        guard consensus.isLeader, !isAdmissible(sender) else { return }
        peers.heardTicks[sender.replica] = now
    }

    /// A peer asks to be readmitted, under the identity that the transport has proven.
    ///
    /// Nothing comes of it, and the peer asks again, while this replica does not serve as the leader or a change is
    /// under way. A command that is proposed twice takes effect once.
    func takeAdmission(from sender: ReplicaIdentity) {
        guard let peers, consensus.isServing, sender.replica != options.replica, isAdmissible(sender),
            appliedSlot.next >= membershipFirstSlot, peers.decisions.isEmpty,
            let present = consensus.memberships.last?.membership, let changed = present.readmitting(sender)
        else { return }
        if let obstacle = obstacle(to: sender, peers) {
            return refuse(sender, obstacle, peers)
        }
        let body = ChangeMembershipBody(
            expectedFirstSlot: membershipFirstSlot,
            delaySlotCount: UInt32(consensus.configuration.membershipDelaySlotCount),
            present: MembershipCodec.encode(present), changed: MembershipCodec.encode(changed))
        _ = submitInternal(.changeMembership, session: .none, attachment: .none) { body.append(to: $0) }
    }

    /// The first refusal is not worth a word: a process that died a moment ago counts as alive.
    private func refuse(_ candidate: ReplicaIdentity, _ obstacle: String, _ peers: PeerTraffic) {
        counters.refusedAdmissions += 1
        peers.refusalCount = peers.refusedCandidate == candidate ? peers.refusalCount + 1 : 1
        peers.refusedCandidate = candidate
        guard peers.refusalCount == 2 else { return }
        note("replica \(candidate.replica.rawValue) is not readmitted: \(obstacle)")
    }

    /// Why a directory is not readmitted now; nil if nothing speaks against it.
    private func obstacle(to candidate: ReplicaIdentity, _ peers: PeerTraffic) -> String? {
        if wasMember(candidate) {
            return "incarnation \(candidate.incarnation.value) was a member before, and another took its place; "
                + "give it an empty directory"
        }
        let heard = max(peers.heardTicks[candidate.replica] ?? peers.serveTick, peers.serveTick)
        let silence = consensus.configuration.electionTimeoutMilliseconds
        return now < heard.adding(milliseconds: silence) ? "the directory that it would replace was heard of" : nil
    }
}
