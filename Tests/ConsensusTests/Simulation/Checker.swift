import Consensus
import CoreTypes

/// Sees everything, and says what must never be.
struct Checker {
    private struct Place: Hashable {
        var slot: Slot
        var ballot: Ballot
    }

    private struct Accepted {
        var value: ValueDescriptor
        var identities: Set<ReplicaIdentity>
    }

    private let delaySlotCount: UInt64
    private var memberships: [ScheduledMembership]
    /// What is durable anywhere, or was.
    private var accepted: [Place: Accepted] = [:]
    /// What a quorum has, or had, durable under one ballot: what is chosen, whether anyone knows it or not.
    private(set) var decided: [Slot: ValueDescriptor] = [:]
    /// The values applied by anyone: slots 1, 2, 3…
    private(set) var history: [ValueDescriptor] = []
    /// Which life of which replica led a ballot.
    private var leaders: [Ballot: [Int]] = [:]
    /// By replica, how much of its state machine was compared.
    private var compared: [ReplicaIdentity: Int] = [:]
    /// The first thing that must never be.
    private(set) var violation: String?

    init(memberships: [ScheduledMembership], delaySlotCount: Int) {
        self.memberships = memberships
        self.delaySlotCount = UInt64(delaySlotCount)
    }

    mutating func fail(_ text: String) {
        if violation == nil { violation = text }
    }

    /// Looks at a replica after a step.
    mutating func look(at node: inout Node) {
        if let text = node.violation { fail(text) }
        for case .accept(let accept) in node.newlyDurable { noteDurable(accept, by: node.configuration.identity) }
        node.newlyDurable.removeAll()
        compareHistory(of: node)
        if let core = node.core, case .leader(let ballot, let isServing) = core.roleState {
            noteLeader(ballot, node: node, core: core, isServing: isServing)
        }
    }

    /// A restart may apply again from its checkpoint.
    mutating func restarted(_ node: Node) { compared[node.configuration.identity] = 0 }

    private mutating func noteDurable(_ accept: AcceptRecord, by identity: ReplicaIdentity) {
        let place = Place(slot: accept.slot, ballot: accept.ballot)
        var entry = accepted[place] ?? Accepted(value: accept.value, identities: [])
        if entry.value != accept.value { fail("slot \(accept.slot.rawValue) has two values under one ballot") }
        entry.identities.insert(identity)
        accepted[place] = entry
        guard isQuorum(entry.identities, at: accept.slot) else { return }
        if let known = decided[accept.slot], known != accept.value {
            fail("slot \(accept.slot.rawValue) has two chosen values")
        }
        decided[accept.slot] = accept.value
    }

    private func isQuorum(_ identities: Set<ReplicaIdentity>, at slot: Slot) -> Bool {
        guard let membership = memberships.last(where: { $0.firstSlot <= slot })?.membership else { return false }
        let votes = membership.members.filter { $0.isVoter && identities.contains($0.identity) }.count
        return votes >= membership.quorumCount
    }

    private mutating func compareHistory(of node: Node) {
        let identity = node.configuration.identity
        var index = min(compared[identity] ?? 0, node.applied.count)
        while index < node.applied.count {
            let value = node.applied[index]
            let slot = Slot(rawValue: UInt64(index) + 1)
            if index < history.count {
                if history[index] != value { fail("slot \(slot.rawValue) was applied with two values") }
            } else {
                if decided[slot] != value {
                    fail("slot \(slot.rawValue) is taken for chosen, and no quorum has it durable")
                }
                history.append(value)
                noteMembership(value, in: slot)
            }
            index += 1
        }
        compared[identity] = index
    }

    private mutating func noteMembership(_ value: ValueDescriptor, in slot: Slot) {
        guard value.kind == .membership, let changed = memberships.last?.membership.readmitting(value.readmitted) else {
            return
        }
        let first = Slot(rawValue: slot.rawValue + delaySlotCount)
        memberships.append(ScheduledMembership(firstSlot: first, membership: changed))
    }

    private mutating func noteLeader(_ ballot: Ballot, node: Node, core: ConsensusReplica, isServing: Bool) {
        let life = [Int(node.replica.rawValue), Int(node.configuration.identity.incarnation.value.low), node.lives]
        if leaders[ballot] == nil { leaders[ballot] = life }
        if leaders[ballot] != life { fail("ballot \(ballot.round) is led twice") }
        guard isServing, servingBallots.insert(ballot).inserted else { return }
        for (slot, _) in decided where slot > core.appliedThrough && isOlder(slot, than: ballot) {
            fail("a leader serves before it has applied slot \(slot.rawValue)")
        }
    }

    private var servingBallots: Set<Ballot> = []

    /// Chosen under a lower ballot than this one.
    private func isOlder(_ slot: Slot, than ballot: Ballot) -> Bool {
        accepted.contains {
            $0.key.slot == slot && $0.key.ballot < ballot && isQuorum($0.value.identities, at: slot)
        }
    }

    /// The slot that a linearizable read which starts now must have seen.
    var visibleThrough: Slot { Slot(rawValue: UInt64(history.count)) }

    /// Ballots that were led and served.
    var servedBallotCount: Int { servingBallots.count }
}
