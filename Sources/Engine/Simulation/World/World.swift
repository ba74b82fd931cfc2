import Checksums
import Consensus
import CoreTypes
import PosixIO
import ReplicaEngine

/// A whole cluster with its clients, in one thread: the real engines over simulated network, clocks and disks, and
/// everything that goes wrong, decided by one seed.
///
/// 1. *Safety*: everything may fail. What is applied and answered is compared as it happens.
/// 2. *Liveness*: all is healed, all replicas run. Every client must get another write answered, all that is
///    outstanding must be answered, and the replicas must come to the same slot, within a simulated time.
/// 3. *The end*: every client reads everything; the history goes to the checkers.
///
/// Invariant: equal options give equal traces, whatever the machine.
package final class World {
    enum Phase {
        case safety
        case liveness
        case final
        case over
    }

    package let options: WorldOptions
    package let plan: WorldPlan
    /// For everything that has no generator of its own.
    var generator: SplitMix64
    /// For what clients do, so that a fault more or less leaves them what they are.
    var workload: Workload
    private(set) var now = SimulatedTime.zero
    private(set) var stepCount: UInt64 = 0
    var phase = Phase.safety
    /// When the phase must be over.
    private(set) var deadline = SimulatedTime.zero
    /// When the final phase may end: events are still under way before.
    private var settledAt: SimulatedTime?
    private(set) var events = EventQueue<WorldEvent>()
    var network: SimulatedNetwork
    private(set) var replicas: [SimulatedReplica] = []
    var clients: [SimulatedClient] = []
    var connections: [SimulatedConnection] = []
    var history = History()
    private var historyStep: UInt64 = 0
    var agreement = SlotAgreement()
    /// What may be lost.
    var atlas: Atlas
    var sessions = HashTable<SessionID, KnownSession>()
    /// Operations by attachment, in the order of their sequences; -1 for what is in no history.
    var submitted = HashTable<AttachmentID, [Int]>()
    var counters = WorldCounters()
    var trace = TraceHash()
    var proposals = ProposalWatch()
    /// Until then pieces of snapshots change on their way.
    var tamperingEnd = SimulatedTime.zero
    private(set) var failure: WorldFailure?

    /// How long the liveness phase may take.
    static let livenessMicroseconds: UInt64 = 120_000_000
    /// How long everything is left alone before the end.
    static let settlingMicroseconds: UInt64 = 3_000_000

    package init(_ options: WorldOptions) {
        self.options = options
        var generator = SplitMix64(seed: options.seed)
        var plan = WorldPlan(using: &generator)
        plan.serve(options.mutant)
        self.plan = plan
        atlas = Atlas(voters: (1...options.voterCount).map { ReplicaID(rawValue: UInt8($0)) })
        network = SimulatedNetwork(
            replicaCount: options.replicaCount, options: plan.network, seed: generator.next())
        workload = Workload(seed: generator.next(), plan: plan)
        self.generator = generator
        for place in 0..<options.replicaCount {
            let identity = ReplicaIdentity(
                replica: ReplicaID(rawValue: UInt8(place + 1)),
                incarnation: Incarnation(Identifier128(high: 9, low: UInt64(place + 1))))
            let clock = SimulatedClock(
                startMicroseconds: self.generator.next() % 1_000_000_000_000,
                wallMicroseconds: 1_700_000_000_000_000 + Int64(self.generator.next() % 1_000_000_000))
            replicas.append(SimulatedReplica(place: place, identity: identity, clock: clock, world: self))
        }
        for index in 0..<(options.clientCount * options.replicaCount) {
            clients.append(SimulatedClient(index: index))
        }
    }

    // MARK: Running

    /// Runs to the end, or to the first failure.
    package func run() -> WorldReport {
        begin()
        while failure == nil, phase != .over {
            step()
            advancePhase()
        }
        var undecidedCount = 0
        if failure == nil { undecidedCount = checkHistory() }
        for replica in replicas { takeCounters(of: replica) }
        reviewLosses()
        noteEnd()
        // An engine and its gateway, the replica, hold each other: a run of many seeds would keep them all.
        for replica in replicas { abandon(replica) }
        return WorldReport(
            options: options, plan: plan, failure: failure, traceHash: trace.value, counters: counters,
            network: network.counters, stepCount: stepCount, time: now, operationCount: history.operations.count,
            undecidedCount: undecidedCount)
    }

    private func begin() {
        for replica in replicas { start(replica) }
        for replica in replicas {
            for other in replicas where other !== replica { replica.engine?.peerConnected(other.id) }
        }
        for index in clients.indices { schedule(.clientActs(index), after: generator.next() % 100_000) }
        schedule(.nemesis, after: generator.next() % 1_000_000)
    }

    /// Lets the next thing happen.
    private func step() {
        guard let own = events.firstTime else { return fail(.liveness, "nothing is left to happen") }
        stepCount += 1
        if let there = network.nextTime, there <= own {
            guard let (time, event) = network.next(through: own) else { return }
            now = time
            deliver(event)
            return
        }
        guard let (time, event) = events.pop(through: own) else { return }
        now = time
        perform(event)
    }

    func schedule(_ event: WorldEvent, after microseconds: UInt64) {
        events.push(event, at: now.adding(microseconds: microseconds))
    }

    func schedule(_ event: WorldEvent, at time: SimulatedTime) { events.push(event, at: time) }

    /// A place in the history for what happens now.
    func nextHistoryStep() -> Step {
        historyStep += 1
        return Step(rawValue: historyStep)
    }

    // MARK: Phases

    private func advancePhase() {
        switch phase {
        case .safety:
            if stepCount >= UInt64(options.stepCount) { beginLiveness() }
        case .liveness:
            if isQuiet && haveConverged && areAllReadmitted { return beginEnd() }
            if now > deadline { fail(.liveness, "not within \(Self.livenessMicroseconds) us: \(situation)") }
        case .final:
            if let settledAt, now >= settledAt {
                if isQuiet && haveConverged { phase = .over }
            } else if settledAt == nil, isQuiet {
                settledAt = now.adding(microseconds: Self.settlingMicroseconds)
            }
            if now > deadline { fail(.liveness, "the last reads are not answered: \(situation)") }
        case .over: break
        }
    }

    private func beginLiveness() {
        phase = .liveness
        deadline = now.adding(microseconds: Self.livenessMicroseconds)
        healAll()
        for index in clients.indices { clients[index].owesWrite = true }
    }

    /// Everybody reads every znode that was ever named.
    private func beginEnd() {
        phase = .final
        deadline = now.adding(microseconds: Self.livenessMicroseconds)
        // Not the root and what ZooKeeper puts there, which nobody creates.
        let paths = (1..<history.paths.count).map { PathID(rawValue: UInt32($0)) }.filter {
            !history.paths.text(of: $0).hasPrefix("/zookeeper")
        }.suffix(60)
        for index in clients.indices { clients[index].finalReads = Array(paths) }
    }

    private var isQuiet: Bool {
        clients.allSatisfy {
            $0.phase == .served && $0.outstanding.isEmpty && !$0.owesWrite && $0.finalReads.isEmpty
        }
    }

    private var haveConverged: Bool {
        guard let first = replicas[0].engine else { return false }
        return replicas.allSatisfy { $0.engine?.appliedSlot == first.appliedSlot }
    }

    /// What everybody is at, for whoever reads that something does not end.
    var situation: String {
        let replicas = replicas.map { replica in
            let name = "replica \(replica.id.rawValue)"
            let losses = replica.losses.isEmpty ? "" : ", lost \(replica.losses.map(\.slot.rawValue).sorted())"
            guard let engine = replica.engine else { return "\(name) is dead" + losses }
            return "\(name) is \(engine.mode.rawValue) \(engine.roleState) at slot \(engine.appliedSlot.rawValue)"
                + losses
        }
        let waiting = clients.filter { $0.phase != .served || !$0.outstanding.isEmpty || $0.owesWrite }.map { client in
            var text = "client \(client.index) is \(client.phase)"
            if let first = client.outstanding.first { text += ", waits for \(history.describe(first.operation))" }
            return text
        }
        return (replicas + waiting).joined(separator: "; ")
    }

    // MARK: Failing

    /// Ends the run; the first failure counts.
    func fail(_ kind: WorldFailure.Kind, _ text: String) {
        guard failure == nil else { return }
        var failure = WorldFailure(kind, text)
        failure.step = stepCount
        failure.time = now
        self.failure = failure
    }

    /// Holds something to a promise.
    func expect(_ check: () throws(Violation) -> Void) {
        do throws(Violation) {
            try check()
        } catch {
            fail(.safety, error.description)
        }
    }

    private func checkHistory() -> Int {
        var undecidedCount = 0
        counters.unanswered = history.operations.count { $0.outcome == .unknown }
        expect { () throws(Violation) in try agreement.finish() }
        expect { () throws(Violation) in try ZxidOrder.check(history) }
        expect { () throws(Violation) in try SessionOrder.check(history) }
        let settled = replicas[0].engine?.appliedZxid ?? .zero
        expect { () throws(Violation) in try WatchOrder.check(history, settledThrough: settled) }
        expect { () throws(Violation) in try Ephemerals.check(history) }
        expect { () throws(Violation) in undecidedCount = try Linearizability.check(history).undecidedCount }
        return undecidedCount
    }

    private func noteEnd() {
        counters.slots = Int(agreement.highestSlot.rawValue)
        trace.add(network.trace.value)
        trace.add(UInt64(history.operations.count))
        for operation in history.operations { trace.add(operation.zxid.rawValue) }
        trace.add(stepCount)
        trace.add(now.rawValue)
    }
}
