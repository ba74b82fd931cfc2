import Consensus
import CoreTypes

/// A replica with a model of its shell: a log that makes records durable when told to, the bytes of values, and a state
/// machine that is the list of the values applied.
struct Node: Hashable {
    var disk: Disk
    /// Nil while the process is down.
    var core: ConsensusReplica?
    let configuration: Configuration
    let mutant: Mutant?

    /// Records handed over and not durable.
    var pending: [PersistRecord] = []
    /// Messages that wait for a record.
    var deferred: [DeferredEnvelope] = []
    /// Messages to be sent now.
    var outbox: [Envelope] = []
    /// What stands in each slot: the last accept record issued, in this life or on the disk.
    var latest: [Slot: Disk.Best] = [:]
    /// The state machine: the values of slots 1, 2, 3…
    var applied: [ValueDescriptor] = []
    /// Nothing beyond is applied, whatever is chosen.
    var applyLimit: Slot?
    var readAnswers: [ReadAnswer] = []
    var snapshotNeed: SnapshotNeed?
    /// The last role change.
    var role: RoleState?
    /// Records that became durable since the checker last looked.
    var newlyDurable: [PersistRecord] = []
    /// Slots proposed again as a new leader, and slots of the chosen prefix repaired.
    var inheritedCount = 0
    var repairCount = 0
    /// Lives of the process.
    var lives = 0
    /// What a transcript shows of each step; nil when nobody looks.
    var recorded: [String]?
    /// The first thing that went against the contract between core and shell.
    var violation: String?
    private var effects = HashableEffects()

    init(_ configuration: Configuration, memberships: [ScheduledMembership], mutant: Mutant? = nil) {
        self.configuration = configuration
        self.disk = Disk(identity: configuration.identity, memberships: memberships)
        self.mutant = mutant
    }

    var isUp: Bool { core != nil }
    var replica: ReplicaID { configuration.identity.replica }

    // MARK: Life

    /// Starts the process from the disk.
    mutating func start(at now: Tick) {
        let recovered = disk.recover(
            windowSlotCount: 4 * configuration.membershipDelaySlotCount, mutant: mutant)
        core = ConsensusReplica(configuration: configuration, recovered: recovered)
        lives += 1
        latest = disk.bestRecords(mutant)
        // What is beyond the chosen prefix is for the core to judge.
        for slot in latest.keys where slot > recovered.chosenThrough { latest[slot]?.isCertain = true }
        applied = disk.checkpoint
        step(.start(now))
        applyChosen()
    }

    /// Kills the process: what is not durable is gone, except the first `surviving` records under way.
    mutating func crash(surviving: Int = 0) {
        disk.records += pending.prefix(surviving).map { DiskRecord(record: $0) }
        newlyDurable += pending.prefix(surviving)
        core = nil
        pending = []
        deferred = []
        outbox = []
        latest = [:]
        readAnswers = []
        snapshotNeed = nil
        role = nil
    }

    /// Makes the first records durable and says so.
    mutating func persist(_ count: Int) {
        guard let core, count > 0 else { return }
        let count = min(count, pending.count)
        disk.records += pending.prefix(count).map { DiskRecord(record: $0) }
        newlyDurable += pending.prefix(count)
        pending.removeFirst(count)
        let token = PersistToken(rawValue: core.issued.rawValue - UInt64(pending.count))
        while let first = deferred.first, first.after <= token {
            outbox.append(first.envelope)
            deferred.removeFirst()
        }
        if token > core.durable { step(.persisted(through: token)) }
    }

    /// Moves the checkpoint of the state machine to what is applied and durable, and drops the log before it but for a
    /// tail.
    mutating func checkpoint(tail: Int) {
        guard let core, pending.isEmpty else { return }
        disk.checkpoint = applied
        disk.memberships = core.memberships
        let first = Slot(rawValue: UInt64(max(1, applied.count - tail + 1)))
        guard first > disk.firstSlot else { return }
        disk.firstSlot = first
        latest = latest.filter { $0.key >= first }
        disk.records.removeAll {
            if case .accept(let accept) = $0.record { return accept.slot < first }
            return false
        }
        step(.retained(from: first))
    }

    /// Replaces everything by a donor's state.
    mutating func install(values: [ValueDescriptor], memberships: [ScheduledMembership]) {
        guard isUp, values.count > applied.count, pending.isEmpty else { return }
        applied = values
        disk.checkpoint = values
        disk.memberships = memberships
        let slot = Slot(rawValue: UInt64(values.count))
        disk.firstSlot = slot.next
        latest = latest.filter { $0.key > slot }
        disk.records.removeAll {
            if case .accept(let accept) = $0.record { return accept.slot <= slot }
            return false
        }
        step(.installed(through: slot, memberships))
    }

    // MARK: Steps

    /// Gives the core an input and carries out the effects.
    @discardableResult
    mutating func step(_ input: Input) -> Slot? {
        guard var core = core.take() else { return nil }
        let before = core
        var buffer = effects.value
        buffer.removeAll()
        let slot = core.step(input, into: &buffer)
        if let broken = core.brokenInvariant() ?? core.brokenInvariant(since: before) { fail(broken) }
        self.core = core
        recorded?.append(contentsOf: buffer.lines)
        if case .propose(let value) = input, let slot { arrive(slot, core.promised, value) }
        if case .message(let message, _) = input { arrive(message) }
        carryOut(buffer)
        arrivals = []
        buffer.removeAll()
        effects.value = buffer
        return slot
    }

    private var arrivals: [Arrival] = []
    private var isApplying = false

    /// Bytes at hand during one step.
    private struct Arrival: Hashable {
        var slot: Slot
        var ballot: Ballot
        var value: ValueDescriptor
    }

    private mutating func arrive(_ slot: Slot, _ ballot: Ballot, _ value: ValueDescriptor) {
        arrivals.append(Arrival(slot: slot, ballot: ballot, value: value))
    }

    private mutating func arrive(_ message: Message) {
        switch message {
        case .accept(let accept): arrive(accept.slot, accept.ballot, accept.value)
        case .held(let slot, let ballot, let value): arrive(slot, ballot, value)
        case .learn(let learn): arrive(learn.slot, learn.ballot, learn.value)
        default: break
        }
    }

    private mutating func carryOut(_ effects: Effects) {
        for record in effects.persist {
            if case .accept(let accept) = record { keepBytes(of: accept) }
            pending.append(record)
        }
        if let core, effects.persistThrough != core.issued, !effects.persist.isEmpty { fail("a wrong token") }
        for envelope in effects.send { send(envelope) }
        for envelope in effects.sendAfterPersist {
            if let last = deferred.last, last.after > envelope.after { fail("tokens of deferred messages fell") }
            if mutant == .answerBeforePersist || envelope.after <= (core?.durable ?? .none) {
                send(envelope.envelope)
            } else {
                deferred.append(envelope)
            }
        }
        if let role = effects.role { self.role = role }
        readAnswers += effects.readAnswers
        if let need = effects.snapshotNeed { snapshotNeed = need }
        if let slot = effects.divergences.first { fail("slot \(slot.rawValue) diverges") }
        applyChosen()
        for request in effects.serve { serve(request) }
        if mutant == .ownVoteBeforePersist, let core, core.issued > core.durable {
            step(.persisted(through: core.issued))
        }
    }

    /// The shell's part of an accept record: the bytes must be at hand.
    private mutating func keepBytes(of accept: AcceptRecord) {
        let isHeld =
            accept.value.kind == .noOp
            || arrivals.contains {
                $0.slot == accept.slot && $0.ballot == accept.source && $0.value == accept.value
            }
            || latest[accept.slot].map { $0.ballot == accept.source && $0.isWhole && $0.value == accept.value }
                ?? false
        if !isHeld { fail("no bytes for slot \(accept.slot.rawValue)") }
        if accept.source < accept.ballot, accept.ballot.replica == replica { inheritedCount += 1 }
        if let core, accept.slot <= core.chosenThrough, latest[accept.slot]?.isWhole == false { repairCount += 1 }
        latest[accept.slot] = Disk.Best(ballot: accept.ballot, value: accept.value, isWhole: true)
    }

    private mutating func send(_ envelope: Envelope) {
        switch envelope.message {
        case .accept(let accept):
            if latest[accept.slot]?.value != accept.value { fail("an accept without bytes is sent") }
        case .held(let slot, let ballot, let value):
            let isHeld = latest[slot].map { $0.ballot == ballot && $0.isWhole && $0.value == value } ?? false
            if !isHeld { fail("a held value without bytes is sent") }
        default: break
        }
        outbox.append(envelope)
    }

    private mutating func serve(_ request: ServeRequest) {
        var slot = request.slots.first
        var learns: [ChosenValue] = []
        while slot <= request.slots.last, let best = latest[slot], best.isWhole, best.isCertain {
            learns.append(ChosenValue(slot: slot, ballot: best.ballot, value: best.value, isLast: false))
            slot = slot.next
        }
        guard !learns.isEmpty else { return fail("a served slot cannot be read") }
        learns[learns.count - 1].isLast = true
        outbox += learns.map { Envelope(to: request.receiver, .learn($0)) }
    }

    /// Applies what is chosen, as far as it can be read and may be.
    mutating func applyChosen() {
        guard !isApplying else { return }
        isApplying = true
        defer { isApplying = false }
        while let core, core.appliedThrough < core.chosenThrough || applied.count < core.chosenThrough.rawValue {
            let slot = Slot(rawValue: UInt64(applied.count) + 1)
            if let limit = applyLimit, slot > limit { return }
            guard let best = latest[slot], best.isWhole, best.isCertain else { return }
            applied.append(best.value)
            if best.value.kind == .membership,
                let changed = core.memberships.last?.membership.readmitting(best.value.readmitted)
            {
                step(.membershipChanged(changed, chosenIn: slot))
            }
            step(.applied(through: slot))
        }
    }

    /// Drops what tells about the past and not about the state, and what waits to be said twice.
    mutating func forgetHistory() {
        var waiting: [DeferredEnvelope] = []
        for envelope in deferred where !waiting.contains(where: { $0.envelope == envelope.envelope }) {
            waiting.append(envelope)
        }
        deferred = waiting
        outbox = []
        newlyDurable = []
        readAnswers = []
        snapshotNeed = nil
        role = nil
        inheritedCount = 0
        lives = 0
    }

    private mutating func fail(_ text: String) {
        if violation == nil { violation = "replica \(replica.rawValue): \(text)" }
    }
}

/// A buffer that is empty between steps and therefore no part of the state.
private struct HashableEffects: Hashable {
    var value = Effects()
    static func == (left: Self, right: Self) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}
