package import CoreTypes
internal import DequeModule

/// One replica of Multi-Paxos: acceptor, learner, sometimes leader.
///
/// A pure value: no I/O, no clock, no thread, no randomness but its seed. Equal states and equal inputs give equal
/// effects. The shell gives inputs, carries out `Effects`, and owns every byte of every value.
///
/// The protocol, in steps, and where each stands:
/// 1. A replica that misses its leader asks whether an election would be welcome (`+Election`).
/// 2. It makes its own promise of a higher ballot durable, then asks the others to promise, once for all slots from
///    the first that it does not know to be chosen (`+Election`, `+Acceptor`).
/// 3. With a quorum of promises it leads: in each slot in which anything was found it proposes the value of the
///    highest ballot, in holes no-ops (`+Recovery`, `RecoveryDecision`).
/// 4. It proposes new values, many slots at a time (`+Proposer`); a slot is chosen when a quorum has it durable.
/// 5. Everyone learns what is chosen from what the leader says next (`+Learner`), or asks (`+CatchUp`).
///
/// Sources: Lamport, *Paxos Made Simple* (2001); van Renesse and Altinbuken, *Paxos Made Moderately Complex* (2015);
/// Chandra, Griesemer and Redstone, *Paxos Made Live* (2007); Ongaro, *Consensus: Bridging Theory and Practice* (2014),
/// for pre-vote, check-quorum, hand-over and read index; Alagappan et al., *Protocol-Aware Recovery* (FAST 2018), for
/// faulty answers. Deviations are listed in the article *Protocol*.
package struct ConsensusReplica: Hashable, Sendable {
    /// What a replica does in elections.
    enum Role: UInt8, Hashable, Sendable { case follower, preCandidate, candidate, leader }

    package let configuration: Configuration
    var generator: SplitMix64
    var now = Tick(rawValue: 0)
    /// The own log failed: nothing is promised, accepted or led any more.
    package internal(set) var isFenced = false

    // MARK: Acceptor

    /// The highest ballot promised or followed. Invariant: never falls; no value is accepted below it. It may be ahead
    /// of the disk, and then nothing was said that would need it there.
    package internal(set) var promised: Ballot
    /// The highest ballot in any record handed over.
    var recordedBallot: Ballot
    /// The highest ballot heard of. Invariant: at least `promised`.
    var seen: Ballot
    /// The slots above the chosen prefix. Invariant: `window.base == chosenThrough`.
    var window: SlotWindow
    /// The last record handed over.
    package internal(set) var issued = PersistToken.none
    /// The last record known to be durable. Invariant: at most `issued`.
    package internal(set) var durable = PersistToken.none

    // MARK: Learner

    /// Every slot through this one is chosen. Invariant: never falls.
    package var chosenThrough: Slot { window.base }
    /// Every slot through this one is in the state machine. Invariant: at most `chosenThrough`.
    package internal(set) var appliedThrough: Slot
    /// `chosenThrough` in the last chosen record.
    var recordedChosen: Slot
    /// The first slot whose value this replica can send to others.
    package internal(set) var firstRetainedSlot: Slot
    /// What was found at the start with something newer that may be lost, by rising slot. It counts for the slots that are
    /// still in the state "unknown".
    var uncertain: [RecoveredEntry] = []
    var catchUp = CatchUp()

    // MARK: Membership

    /// By rising first slot; the first is in force at `appliedThrough` + 1, and for every slot up to `appliedThrough` +
    /// `membershipDelaySlotCount` the one in force is among them. Invariant: never empty.
    package internal(set) var memberships: [ScheduledMembership]
    /// The trivial parts of `memberships`.
    var rules: [QuorumRule]
    /// This replica votes for no slot before this one; nil when it has no vote.
    var votesFrom: Slot?
    /// By member of the newest membership.
    var peers: [Peer]
    /// Where this replica stands among `peers`; nil when it does not.
    var ownIndex: Int?

    // MARK: Election and lead

    var role = Role.follower
    /// The leader that is followed; `none` while unknown.
    var leader = ReplicaID.none
    /// When the leader was last heard of, or the present wait began.
    var lastContact = Tick(rawValue: 0)
    /// How long after `lastContact` an election is due.
    var electionWaitMilliseconds: UInt64 = 0
    /// The leader's connection broke and nobody else was heard of since.
    var isLeaderLost = false
    /// Pre-candidate only: who would promise, by member.
    var preVotes: UInt64 = 0
    /// Pre-candidate only: the ballot that was asked about.
    var preVoteBallot = Ballot.none
    var leadership = Leadership()
    /// A quorum confirmed the leader followed (or this one, if it leads) when or after the own clock showed this.
    package internal(set) var confirmedTick: Tick?

    /// When the chosen prefix is written down next.
    var recordDeadline = Tick(rawValue: 0)

    // MARK: Reads

    var reads: Deque<PendingRead> = []
    var forwardedReads: Deque<ForwardedRead> = []

    /// - Parameter recovered: what the disk says, all of it durable.
    package init(configuration: Configuration, recovered: RecoveredState) {
        invariant(!recovered.memberships.isEmpty, "a replica without a membership")
        invariant(recovered.appliedThrough <= recovered.chosenThrough, "more is applied than is chosen")
        invariant(
            configuration.windowSlotCountMax <= configuration.membershipDelaySlotCount,
            "the window is longer than the delay of a membership")
        self.configuration = configuration
        self.generator = SplitMix64(
            seed: configuration.seed ^ (UInt64(configuration.identity.replica.rawValue) << 56))
        let highest = recovered.accepted.map(\.ballot).max() ?? .none
        self.promised = max(recovered.promised, highest)
        self.recordedBallot = promised
        self.seen = promised
        self.appliedThrough = recovered.appliedThrough
        self.recordedChosen = recovered.chosenThrough
        self.firstRetainedSlot = recovered.firstRetainedSlot
        self.memberships = recovered.memberships
        self.rules = []
        self.peers = []
        self.window = SlotWindow(
            base: recovered.chosenThrough,
            slotCount: ConsensusReplica.windowSlotCount(configuration: configuration, recovered: recovered))
        catchUp.damaged = recovered.damaged
        catchUp.damagedSlots = recovered.damagedSlots
        restoreWindow(recovered)
        membershipsDidChange()
    }

    /// What this replica is now.
    package var roleState: RoleState {
        switch role {
        case .follower: .follower(leader: leader, ballot: promised)
        case .preCandidate: .follower(leader: .none, ballot: promised)
        case .candidate: .candidate(leadership.ballot)
        case .leader: .leader(leadership.ballot, isServing: leadership.isServing)
        }
    }

    package var isLeader: Bool { role == .leader }

    /// True when `propose` may succeed.
    package var isServing: Bool { role == .leader && leadership.isServing }

    // MARK: Steps

    /// Takes one input. `propose` answers its slot; every other input answers nil.
    @discardableResult
    package mutating func step(_ input: Input, into effects: inout Effects) -> Slot? {
        switch input {
        case .start(let tick): start(at: tick, into: &effects)
        case .tick(let tick): self.tick(tick, into: &effects)
        case .message(let message, let sender): receive(message, from: sender, into: &effects)
        case .persisted(let token): persisted(through: token, into: &effects)
        case .propose(let value): return propose(value, into: &effects)
        case .applied(let slot): applied(through: slot, into: &effects)
        case .membershipChanged(let membership, let slot):
            membershipChanged(membership, chosenIn: slot, into: &effects)
        case .installed(let slot, let memberships): installed(through: slot, memberships, into: &effects)
        case .retained(let slot): retained(from: slot)
        case .damaged(let slots): damaged(slots, into: &effects)
        case .readIndex(let token): readIndex(token, into: &effects)
        case .transferLeadership(let target): transferLeadership(to: target, into: &effects)
        case .campaign: campaign(into: &effects)
        case .peerDisconnected(let replica): peerDisconnected(replica, into: &effects)
        case .peerConnected(let replica): peerConnected(replica, into: &effects)
        case .storageFailed: storageFailed(into: &effects)
        case .flush: flush(into: &effects)
        }
        return nil
    }

    /// Takes a message whose bytes, if it has any, match its descriptor.
    ///
    /// Total: a message that makes no sense is ignored, whatever it says.
    package mutating func receive(
        _ message: Message, from sender: ReplicaIdentity, into effects: inout Effects
    ) {
        guard message.isPlausible, let index = heard(from: sender) else { return }
        switch message {
        case .preVote(let ballot, let chosen):
            receivePreVote(ballot, chosenThrough: chosen, from: sender, into: &effects)
        case .preVoteReply(let ballot, let isGranted, let promised):
            receivePreVoteReply(ballot, isGranted: isGranted, promised: promised, from: sender, into: &effects)
        case .prepare(let ballot, let slot): receivePrepare(ballot, firstSlot: slot, from: sender, into: &effects)
        case .promise(let promise): receivePromise(promise, from: sender, into: &effects)
        case .reject(let promised): receiveReject(promised, into: &effects)
        case .lead(let ballot): receiveLead(ballot, from: sender, into: &effects)
        case .accept(let accept): receiveAccept(accept, from: sender, into: &effects)
        case .accepted(let ballot, let first, let last):
            receiveAccepted(ballot, first: first, last: last, from: sender, index: index, into: &effects)
        case .chosen(let ballot, let slot): receiveChosen(ballot, through: slot, from: sender, into: &effects)
        case .heartbeat(let heartbeat): receiveHeartbeat(heartbeat, from: sender, into: &effects)
        case .heartbeatReply(let ballot, let round, let tick):
            receiveHeartbeatReply(ballot, round: round, tick: tick, index: index, into: &effects)
        case .fetch(let first, let last): receiveFetch(first: first, last: last, from: sender, into: &effects)
        case .learn(let value): receiveLearn(value, from: sender, into: &effects)
        case .unavailable(let slot): receiveUnavailable(slot, from: sender, into: &effects)
        case .fetchAccepted(let first, let last):
            receiveFetchAccepted(first: first, last: last, from: sender, into: &effects)
        case .held(let slot, let ballot, let value):
            receiveHeld(slot, ballot: ballot, value: value, into: &effects)
        case .readIndex(let token, let ballot):
            receiveReadIndex(token, ballot: ballot, from: sender, into: &effects)
        case .readIndexReply(let token, let ballot, let slot):
            receiveReadIndexReply(token, ballot: ballot, slot: slot, into: &effects)
        }
    }
}
