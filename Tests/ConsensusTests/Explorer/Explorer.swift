import Consensus
import CoreTypes

/// Bounds of an exhaustive exploration.
struct ExplorerScope {
    var replicaCount = 3
    /// Replicas that may ask for the lead, each as often as it stands here.
    var campaigns: [UInt8] = [1, 2]
    /// Values proposed in all.
    var proposals = 2
    /// Crashes with restart, by replica; what is not durable is lost.
    var crashes: [UInt8] = []
    /// False: every record is durable at once. True: the disk is one more participant whose steps interleave.
    var hasSlowDisk = true
    /// Deliver fetches and learned values too, not only what phase 1, phase 2 and announcements say.
    var hasCatchUp = false
    /// Give up after so many states.
    var stateCountMax = 2_000_000
    var mutant: Mutant?
    /// Message kinds are delivered to each receiver in any order, any number of times, or never.
    var valueCountPerLeader = 1
}

/// Visits every state that a small cluster can reach, by driving the real `ConsensusReplica`.
///
/// The network is a set of messages, as in Lamport's specification of Paxos: what was sent can be received at any later
/// time, in any order, many times or never. So loss, doubling, delay and reordering need no steps of their own.
struct Explorer {
    let scope: ExplorerScope
    private(set) var stateCount = 0
    private(set) var stepCount = 0
    private(set) var violation: String?
    /// The steps that led to the violation.
    private(set) var trace: [String] = []
    /// States in which some slot was chosen, in which two ballots were led, in which a value was inherited.
    private(set) var chosenCount = 0
    private(set) var secondLeaderCount = 0
    private(set) var inheritedCount = 0
    private(set) var isComplete = false

    private struct State {
        var nodes: [Node]
        /// In the order in which they were first sent, which is no part of the state.
        var flights: [Flight] = []
        var campaigns: [UInt8]
        var crashes: [UInt8]
        var proposals: Int
        /// Hashes of the nodes, and of the flights whatever their order, so that a step costs one node.
        var nodeHashes: [Int] = []
        var flightHash = 0

        mutating func send(_ flight: Flight) {
            if flights.contains(flight) { return }
            flights.append(flight)
            flightHash &+= flight.hashValue
        }

        /// 64 bits that stand for the state in the set of those seen.
        var fingerprint: Int {
            var hasher = Hasher()
            hasher.combine(nodeHashes)
            hasher.combine(flightHash)
            hasher.combine(campaigns)
            hasher.combine(crashes)
            hasher.combine(proposals)
            return hasher.finalize()
        }
    }

    private enum Step {
        case deliver(Flight)
        case persist(Int)
        case propose(Int)
        case campaign(Int)
        case crash(Int)
    }

    private struct Frame {
        var state: State
        var steps: [Step]
        /// The step that led here.
        var step: Step?
    }

    init(_ scope: ExplorerScope) { self.scope = scope }

    /// Explores depth first until everything is seen, a violation is found, or the bound is reached.
    mutating func run() {
        var stack = [Frame(state: initial, steps: [], step: nil)]
        var seen: Set<Int> = [stack[0].state.fingerprint]
        stack[0].steps = steps(from: stack[0].state)
        stateCount = 1
        while let top = stack.last {
            guard let step = top.steps.last else {
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].steps.removeLast()
            var state = top.state
            take(step, in: &state)
            stepCount += 1
            guard seen.insert(state.fingerprint).inserted else { continue }
            stateCount += 1
            if let text = judge(state) {
                violation = text
                trace = stack.compactMap(\.step).map { "\($0)" } + ["\(step)"]
                return
            }
            if stateCount >= scope.stateCountMax { return }
            stack.append(Frame(state: state, steps: steps(from: state), step: step))
        }
        isComplete = true
    }

    /// Walks at random from the start, again and again: finds a bug sooner than an exhaustive search does, and proves
    /// nothing.
    mutating func walk(seed: UInt64, walkCount: Int, length: Int) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<walkCount {
            var state = initial
            var walked: [Step] = []
            for _ in 0..<length {
                guard let step = steps(from: state).randomElement(using: &generator) else { break }
                take(step, in: &state)
                walked.append(step)
                stepCount += 1
                if let text = judge(state) {
                    violation = text
                    trace = walked.map { "\($0)" }
                    return
                }
            }
        }
    }

    private var initial: State {
        let members = (1...scope.replicaCount).map { Member(identity: identity(UInt8($0)), isVoter: true) }
        let schedule = Membership(members).map { [ScheduledMembership(firstSlot: 1, membership: $0)] } ?? []
        var state = State(
            nodes: members.map { Node(configuration($0.identity), memberships: schedule, mutant: scope.mutant) },
            campaigns: scope.campaigns, crashes: scope.crashes, proposals: scope.proposals)
        for index in state.nodes.indices {
            state.nodeHashes.append(0)
            state.nodes[index].start(at: Tick(rawValue: 1))
            introduce(index, in: &state)
            settle(index, in: &state)
        }
        return state
    }

    private func configuration(_ identity: ReplicaIdentity) -> Configuration {
        var configuration = Configuration(identity: identity, seed: 1)
        configuration.electionJitterMilliseconds = 0
        configuration.disconnectJitterMilliseconds = 0
        configuration.membershipDelaySlotCount = 2
        configuration.windowSlotCountMax = 2
        return configuration
    }

    // MARK: Steps

    /// What can happen next. The last is tried first: what is on its way arrives before anything else goes wrong, so
    /// that bugs which need much to have happened are found early.
    private func steps(from state: State) -> [Step] {
        var steps: [Step] = []
        for index in state.nodes.indices {
            let node = state.nodes[index]
            guard node.isUp else { continue }
            if state.crashes.contains(node.replica.rawValue) { steps.append(.crash(index)) }
            if state.campaigns.contains(node.replica.rawValue) { steps.append(.campaign(index)) }
            if state.proposals > 0, node.core?.isServing == true { steps.append(.propose(index)) }
            if !node.pending.isEmpty { steps.append(.persist(index)) }
        }
        for flight in state.flights {
            let index = Int(flight.receiver.rawValue) - 1
            if state.nodes[index].isUp { steps.append(.deliver(flight)) }
        }
        return steps
    }

    private func take(_ step: Step, in state: inout State) {
        let index: Int
        switch step {
        case .deliver(let flight):
            index = Int(flight.receiver.rawValue) - 1
            state.nodes[index].step(.message(flight.message, from: flight.sender))
        case .persist(let node):
            index = node
            state.nodes[index].persist(1)
        case .propose(let node):
            index = node
            // Told apart by who proposes and how many are left.
            let number = UInt64(state.nodes[index].replica.rawValue) * 100 + UInt64(state.proposals)
            if state.nodes[index].step(.propose(.number(number))) != nil { state.proposals -= 1 }
        case .campaign(let node):
            index = node
            if let place = state.campaigns.firstIndex(of: state.nodes[index].replica.rawValue) {
                state.campaigns.remove(at: place)
            }
            state.nodes[index].step(.campaign)
        case .crash(let node):
            index = node
            if let place = state.crashes.firstIndex(of: state.nodes[index].replica.rawValue) {
                state.crashes.remove(at: place)
            }
            state.nodes[index].crash()
            state.nodes[index].start(at: Tick(rawValue: 1))
            introduce(index, in: &state)
        }
        settle(index, in: &state)
    }

    /// Lets a replica know everyone's incarnation, by a message that says nothing else: whether it knows is of no
    /// interest and would double the states.
    private func introduce(_ index: Int, in state: inout State) {
        let nothing = Message.readIndexReply(
            token: ReadToken(rawValue: 0), ballot: Ballot(round: 1, replica: ReplicaID(rawValue: 1)), slot: nil)
        for node in state.nodes where node.replica != state.nodes[index].replica {
            state.nodes[index].step(.message(nothing, from: node.configuration.identity))
        }
    }

    /// The end of a turn; takes the messages, and drops what is no part of the state.
    private func settle(_ index: Int, in state: inout State) {
        if !scope.hasSlowDisk { state.nodes[index].persist(.max) }
        state.nodes[index].step(.flush)
        if !scope.hasSlowDisk { state.nodes[index].persist(.max) }
        for envelope in state.nodes[index].outbox where isExplored(envelope.message) {
            state.send(
                Flight(
                    sender: state.nodes[index].configuration.identity, receiver: envelope.receiver,
                    message: envelope.message))
        }
        state.nodes[index].forgetHistory()
        state.nodeHashes[index] = state.nodes[index].hashValue
    }

    private func isExplored(_ message: Message) -> Bool {
        switch message {
        case .prepare, .promise, .accept, .accepted, .chosen, .held, .fetchAccepted: true
        case .fetch, .learn: scope.hasCatchUp
        case .preVote, .preVoteReply, .reject, .lead, .heartbeat, .heartbeatReply, .unavailable, .readIndex,
            .readIndexReply:
            false
        }
    }

    // MARK: Judging

    private mutating func judge(_ state: State) -> String? {
        if let text = state.nodes.lazy.compactMap(\.violation).first { return text }
        var decided: [Slot: Decision] = [:]
        for (place, count) in durable(state) where count * 2 > scope.replicaCount {
            if let known = decided[place.slot], known.value != place.value {
                return "slot \(place.slot.rawValue) has two chosen values"
            }
            let lowest = min(decided[place.slot]?.ballot ?? place.ballot, place.ballot)
            decided[place.slot] = Decision(ballot: lowest, value: place.value)
        }
        for node in state.nodes {
            for (index, value) in node.applied.enumerated()
            where decided[Slot(rawValue: UInt64(index) + 1)]?.value != value {
                return "replica \(node.replica.rawValue) applied in slot \(index + 1) what is not chosen"
            }
            if case .leader(let ballot, isServing: true)? = node.core?.roleState {
                for (slot, decision) in decided
                where decision.ballot < ballot && slot.rawValue > node.applied.count {
                    return "replica \(node.replica.rawValue) serves and has not applied slot \(slot.rawValue)"
                }
            }
        }
        if !decided.isEmpty { chosenCount += 1 }
        if state.nodes.contains(where: { $0.core?.isLeader == true && $0.core?.promised.round ?? 0 > 1 }) {
            secondLeaderCount += 1
        }
        return nil
    }

    private struct Decision {
        var ballot: Ballot
        var value: ValueDescriptor
    }

    private struct Place: Hashable {
        var slot: Slot
        var ballot: Ballot
        var value: ValueDescriptor
    }

    /// How many replicas have each value durable under each ballot. Nothing is ever removed from a disk here, so what
    /// was chosen once is seen in every later state.
    private func durable(_ state: State) -> [Place: Int] {
        var counts: [Place: Int] = [:]
        for node in state.nodes {
            var own: Set<Place> = []
            for entry in node.disk.records {
                guard case .accept(let accept) = entry.record else { continue }
                own.insert(Place(slot: accept.slot, ballot: accept.ballot, value: accept.value))
            }
            for place in own { counts[place, default: 0] += 1 }
        }
        return counts
    }
}
