import Consensus
import CoreTypes

/// A cluster in one thread, under one seed: the real consensus value of each replica over a model of network, disk and
/// state machine. A safety phase with faults, then a liveness phase in which everything is healthy and must converge.
struct Simulation {
    let seed: UInt64
    let options: SimulationOptions
    let mutant: Mutant?
    var generator: SplitMix64
    var now = Tick(rawValue: 1)
    var nodes: [Node]
    var checker: Checker
    var counts = SimulationCounts()

    /// Messages by the millisecond in which they arrive.
    private var flights: [UInt64: [Flight]] = [:]
    /// Who cannot hear whom: [sender][receiver].
    var isBlocked: [[Bool]]
    var isLossy = true
    private var persistDeadlines: [UInt64]
    private var restartDeadlines: [UInt64: [Int]] = [:]
    private var pendingSnapshots: [UInt64: [(from: Int, to: Int)]] = [:]
    private var valueNumber: UInt64 = 0
    private var readNumber: UInt64 = 0
    private var expectedReads: [ReadToken: Slot] = [:]
    private let genesis: [ScheduledMembership]

    init(seed: UInt64, mutant: Mutant? = nil) {
        var generator = SplitMix64(seed: seed)
        options = SimulationOptions(using: &generator)
        self.seed = seed
        self.mutant = mutant
        let voters = (1...options.replicaCount).map { Member(identity: identity(UInt8($0)), isVoter: true) }
        let observers =
            options.hasObserver ? [Member(identity: identity(UInt8(options.replicaCount) + 1), isVoter: false)] : []
        let members = voters + observers
        genesis = Membership(members).map { [ScheduledMembership(firstSlot: 1, membership: $0)] } ?? []
        nodes = []
        for member in members {
            nodes.append(Node(Self.configuration(member.identity, seed), memberships: genesis, mutant: mutant))
        }
        checker = Checker(memberships: genesis, delaySlotCount: Self.delaySlotCount)
        isBlocked = Array(repeating: Array(repeating: false, count: members.count), count: members.count)
        persistDeadlines = Array(repeating: 0, count: members.count)
        self.generator = generator
    }

    static let delaySlotCount = 8

    private static func configuration(_ identity: ReplicaIdentity, _ seed: UInt64) -> Configuration {
        var configuration = Configuration(identity: identity, seed: seed)
        configuration.membershipDelaySlotCount = delaySlotCount
        configuration.windowSlotCountMax = delaySlotCount
        configuration.windowByteCountMax = 60
        configuration.peerSlotCountMax = 5
        configuration.peerByteCountMax = 40
        configuration.fetchSlotCountMax = 4
        configuration.priority = 7 - (identity.replica.rawValue % 3)
        return configuration
    }

    func draw(_ bound: UInt64, _ generator: inout SplitMix64) -> UInt64 { bound == 0 ? 0 : generator.next() % bound }
    mutating func draw(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : generator.next() % bound }
    mutating func isTime(_ period: UInt64) -> Bool { period > 0 && draw(period) == 0 }

    // MARK: Running

    /// Runs both phases; answers what went wrong, nil if nothing did.
    mutating func run() -> String? {
        for index in nodes.indices { start(index) }
        for _ in 0..<options.safetyMilliseconds {
            injectFaults()
            turn()
            if let violation = checker.violation { return violation }
        }
        return runUntilConverged()
    }

    private mutating func runUntilConverged() -> String? {
        isLossy = false
        for sender in isBlocked.indices {
            for receiver in isBlocked.indices { isBlocked[sender][receiver] = false }
        }
        restartDeadlines = [:]
        for index in nodes.indices {
            nodes[index].applyLimit = nil
            if nodes[index].core?.isFenced == true { crash(index, surviving: 0) }
            if !nodes[index].isUp { start(index) }
            nodes[index].applyChosen()
        }
        let end = now.adding(milliseconds: 20_000)
        var goal: Slot?
        while now < end {
            if goal == nil, let leader = nodes.indices.first(where: { nodes[$0].core?.isServing == true }) {
                valueNumber += 1
                goal = nodes[leader].step(.propose(.number(valueNumber)))
                collect(leader)
            }
            turn()
            if let violation = checker.violation { return violation }
            if let slot = goal, nodes.allSatisfy({ $0.applied.count >= slot.rawValue }), isEveryoneAdmitted { break }
        }
        counts.slots += checker.history.count
        counts.inherited += nodes.reduce(0) { $0 + $1.inheritedCount }
        counts.repairs += nodes.reduce(0) { $0 + $1.repairCount }
        counts.ballots += checker.servedBallotCount
        counts.milliseconds += now.rawValue
        guard now < end else {
            return "no convergence: \(nodes.map { "\($0.applied.count) \(String(describing: $0.core?.roleState))" })"
        }
        return nil
    }

    /// A wiped replica must be a member again.
    private var isEveryoneAdmitted: Bool {
        nodes.allSatisfy { node in
            node.core?.memberships.last?.membership.members.contains { $0.identity == node.configuration.identity }
                ?? false
        }
    }

    /// One millisecond.
    private mutating func turn() {
        now = now.adding(milliseconds: 1)
        for index in restartDeadlines.removeValue(forKey: now.rawValue) ?? [] where !nodes[index].isUp {
            start(index)
        }
        var touched = Array(repeating: false, count: nodes.count)
        for flight in (flights.removeValue(forKey: now.rawValue) ?? []).shuffled(using: &generator) {
            deliver(flight, &touched)
        }
        for index in nodes.indices { work(index, &touched) }
        for transfer in pendingSnapshots.removeValue(forKey: now.rawValue) ?? [] {
            install(transfer.from, transfer.to)
        }
    }

    private mutating func deliver(_ flight: Flight, _ touched: inout [Bool]) {
        let index = Int(flight.receiver.rawValue) - 1
        guard nodes.indices.contains(index), nodes[index].isUp else { return }
        if !touched[index] { nodes[index].step(.tick(now)) }
        touched[index] = true
        counts.messages += 1
        for input in mutated(flight, at: index) { nodes[index].step(input) }
        collect(index)
    }

    private mutating func work(_ index: Int, _ touched: inout [Bool]) {
        guard let core = nodes[index].core else { return }
        if !touched[index], now >= core.nextDeadline {
            nodes[index].step(.tick(now))
            touched[index] = true
        }
        if !nodes[index].pending.isEmpty, !core.isFenced, now.rawValue >= persistDeadlines[index] {
            nodes[index].persist(1 + Int(draw(UInt64(nodes[index].pending.count))))
            persistDeadlines[index] = now.rawValue + 1 + draw(options.diskMillisecondsMax)
            touched[index] = true
        }
        if draw(4) == 0 { propose(index) }
        if draw(40) == 0 { read(index) }
        if touched[index] || draw(4) == 0 { nodes[index].step(.flush) }
        answerReads(index)
        collect(index)
        if let need = nodes[index].snapshotNeed {
            nodes[index].snapshotNeed = nil
            let donor = Int(need.peer.rawValue) - 1
            pendingSnapshots[now.rawValue + 1 + draw(20), default: []].append((donor, index))
        }
    }

    private mutating func propose(_ index: Int) {
        guard let core = nodes[index].core, core.isServing else { return }
        counts.proposals += 1
        if core.memberships.count == 1, let newest = core.memberships.last?.membership, draw(20) == 0,
            let stranger = nodes.first(where: { node in
                node.isUp && !newest.members.contains { $0.identity == node.configuration.identity }
            })
        {
            nodes[index].step(.propose(.readmission(of: stranger.configuration.identity)))
            counts.readmissions += 1
            return
        }
        for _ in 0...draw(3) {
            valueNumber += 1
            nodes[index].step(.propose(.number(valueNumber, byteCount: UInt32(1 + draw(20)))))
        }
    }

    // MARK: Reads

    private mutating func read(_ index: Int) {
        guard nodes[index].isUp else { return }
        readNumber += 1
        let token = ReadToken(rawValue: readNumber)
        expectedReads[token] = checker.visibleThrough
        if let answer = mutatedReadAnswer(token, index) {
            nodes[index].readAnswers.append(answer)
        } else {
            nodes[index].step(.readIndex(token))
        }
    }

    private mutating func answerReads(_ index: Int) {
        for answer in nodes[index].readAnswers {
            guard let expected = expectedReads.removeValue(forKey: answer.token) else {
                checker.fail("a read is answered twice")
                continue
            }
            if let slot = answer.slot {
                counts.readsAnswered += 1
                lastReadSlots[index] = slot
                if slot < expected { checker.fail("a linearizable read may miss slot \(expected.rawValue)") }
            } else {
                counts.readsFailed += 1
            }
        }
        nodes[index].readAnswers = []
    }

    var lastReadSlots: [Int: Slot] = [:]

    // MARK: Network

    /// Takes a node's messages, and looks at what it did.
    mutating func collect(_ index: Int) {
        let sender = nodes[index].configuration.identity
        let envelopes = nodes[index].outbox
        nodes[index].outbox = []
        for envelope in envelopes {
            let receiver = Int(envelope.receiver.rawValue) - 1
            guard nodes.indices.contains(receiver), !isBlocked[index][receiver] else { continue }
            if isLossy, draw(1_000) < options.lossPerMille {
                counts.losses += 1
                continue
            }
            let flight = Flight(sender: sender, receiver: envelope.receiver, message: mutated(envelope.message))
            post(flight)
            if isLossy, draw(1_000) < options.doublePerMille {
                counts.doubles += 1
                post(flight)
            }
        }
        checker.look(at: &nodes[index])
    }

    private mutating func post(_ flight: Flight) {
        let delay = 1 + draw(isLossy ? options.delayMillisecondsMax : 3)
        flights[now.rawValue + delay, default: []].append(flight)
    }

    // MARK: Life and death

    mutating func start(_ index: Int) {
        nodes[index].start(at: now)
        if let core = nodes[index].core {
            let text = String(describing: nodes[index].disk.records.map(\.damage))
            if text.contains("bytes") { counts.faultyStarts += 1 }
            if text.contains("header") { counts.unknownStarts += 1 }
            _ = core
        }
        checker.restarted(nodes[index])
        collect(index)
        for peer in nodes.indices where peer != index && nodes[peer].isUp {
            nodes[peer].step(.peerConnected(nodes[index].replica))
            collect(peer)
        }
    }

    mutating func crash(_ index: Int, surviving: Int) {
        nodes[index].crash(surviving: surviving)
        checker.look(at: &nodes[index])
        counts.crashes += 1
        for peer in nodes.indices where peer != index && nodes[peer].isUp && draw(2) == 0 {
            nodes[peer].step(.peerDisconnected(nodes[index].replica))
            collect(peer)
        }
    }

    mutating func restartLater(_ index: Int, after milliseconds: UInt64) {
        restartDeadlines[now.rawValue + 1 + milliseconds, default: []].append(index)
    }

    /// Replaces a replica's disk by an empty one, in a new incarnation.
    mutating func wipe(_ index: Int) {
        let old = nodes[index].configuration.identity
        let life = old.incarnation.value.low + (mutant == .wipedKeepsIdentity ? 0 : 1)
        let fresh = identity(old.replica.rawValue, life: life)
        let lives = nodes[index].lives
        nodes[index] = Node(Self.configuration(fresh, seed), memberships: genesis, mutant: mutant)
        nodes[index].lives = lives
        checker.restarted(nodes[index])
        counts.wipes += 1
    }

    private mutating func install(_ donor: Int, _ receiver: Int) {
        guard let core = nodes[donor].core, nodes[receiver].isUp else { return }
        let before = nodes[receiver].applied.count
        nodes[receiver].install(values: nodes[donor].applied, memberships: core.memberships)
        if nodes[receiver].applied.count > before { counts.snapshots += 1 }
        collect(receiver)
    }
}
