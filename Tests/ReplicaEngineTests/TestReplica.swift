import Consensus
import CoreTypes
import DurableLog
import PosixIO
import Simulation
import SystemPackage
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

/// One replica of a `TestCluster`, its disk, and one client connection that submits commands.
final class TestReplica: ClientGateway, PeerLink {
    private(set) var identity: ReplicaIdentity
    private(set) var disk = MemoryFileSystem()
    private(set) var base = ModelZnodeBase()
    private(set) var engine: ReplicaEngine?
    /// Messages that this replica sent, in order.
    var outbox: [(receiver: ReplicaID, body: [UInt8])] = []
    /// To whom messages went that nobody waits for.
    var unhurried: [ReplicaID] = []
    /// To whom messages went whose part is not waited for.
    var later: [ReplicaID] = []
    /// Whether its driver writes the log itself where that is possible.
    var writesLog = false
    private(set) var replies: [String] = []
    private(set) var sessionEvents: [SessionEvent.Kind] = []
    private(set) var session = SessionID.none
    private(set) var attachment = AttachmentID.none
    private(set) var stopReason: String?
    private(set) var servingChanges: [Bool] = []
    private var sequence: UInt64 = 0
    private let membership: Membership
    private let digestPeriodSlotCount: UInt64

    init(_ identity: ReplicaIdentity, _ membership: Membership, digestPeriodSlotCount: UInt64) {
        self.identity = identity
        self.digestPeriodSlotCount = digestPeriodSlotCount
        self.membership = membership
        try? disk.createDirectory("/data")
    }

    /// Changes the options of the next start.
    var adjust: (inout EngineOptions) -> Void = { _ in }

    func start(now: Tick) throws {
        var options = EngineDriver.options()
        options.runsMaintenanceThreads = false
        options.replica = identity.replica
        var cluster = ReplicationOptions(
            founding: ReplicationOptions.Founding(
                cluster: ClusterID(Identifier128(high: 7, low: 7)), incarnation: identity.incarnation,
                membership: membership))
        cluster.seed = 1
        cluster.digestPeriodSlotCount = digestPeriodSlotCount
        options.cluster = cluster
        adjust(&options)
        let (base, disk) = (base, disk)
        let engine = try ReplicaEngine.open(
            "/data", options: options, fileSystem: disk, openStore: { _ in SimulatedStore(base, disk) },
            wallClock: { WallClockTime(rawValue: 1_000) }, wake: {})
        engine.register(self)
        engine.connect(self)
        engine.tick(now: now)
        self.engine = engine
    }

    /// The process dies: what was not synced is lost.
    func crash() {
        engine = nil
        stepsLeft = nil
        outbox.removeAll()
        disk = MemoryFileSystem(image: disk.image.crashed { _ in .lost })
        base = base.copy()
    }

    /// The directory is lost with everything in it; the next start is that of an empty one.
    func wipe() {
        engine = nil
        outbox.removeAll()
        disk = MemoryFileSystem()
        try? disk.createDirectory("/data")
        base = ModelZnodeBase()
        session = .none
        identity.incarnation.value.high += 1
    }

    /// Ends cleanly, with a checkpoint.
    func close() throws {
        let engine = try #require(engine)
        self.engine = nil
        try engine.close()
        outbox.removeAll()
    }

    /// The store has another znode than it should; only while the process is dead.
    func forgetEverythingApplied() {
        base = ModelZnodeBase()
        let tree = try? ZnodeTree(base: base)
        guard let tree else { return }
        let output = ApplyOutput()
        let batch = ProposalBatch()
        let header = CommandHeader(.openSession, session: SessionID(rawValue: 1 << 56 | 99), attachment: .none)
        let body = ByteBuilder()
        OpenSessionBody(
            replica: identity.replica, timeoutMilliseconds: 1_000, password: EngineDriver.password, isHidden: true
        ).append(to: body)
        batch.append(header, identities: RawSpan(), body: body.bytes)
        batch.stamp(.zero)
        let bytes = batch.bytes
        try? tree.apply(slot: Slot(rawValue: 1), proposal: bytes.bytes, into: output)
        base.writeCheckpoint(tree.freeze())
    }

    /// Flips a bit of the log, in the last copy of some text that it holds; only while the process is dead.
    func damageLog(at text: String) -> Bool {
        var image = disk.image
        let wanted = Array(text.utf8)
        for path in image.paths.reversed() where path.string.hasPrefix("/data/log/") {
            let bytes = image.bytes(of: path)
            guard bytes.count > wanted.count else { continue }
            for start in stride(from: bytes.count - wanted.count, through: 0, by: -1)
            where bytes[start] == wanted[0] && bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
                image.damage(path, at: UInt64(start), flipping: 1)
                disk = MemoryFileSystem(image: image)
                return true
            }
        }
        return false
    }

    /// The disk gives nothing of the log any more, or does again.
    func failLogReads(_ fails: Bool) {
        disk.inject()
        if fails {
            disk.inject(FaultInjection(.read, errno: .ioError, isPersistent: true, pathPart: "/data/log/"))
        }
    }

    /// Flips a bit in the middle of every snapshot, while the engine is at work.
    func damageSnapshots() -> Bool {
        let image = disk.image
        var isDone = false
        for path in image.paths where path.string.contains("/snapshot-") {
            let bytes = image.bytes(of: path)
            guard let file = try? disk.open(path, [.write]) else { return false }
            let flipped: [UInt8] = [bytes[bytes.count / 2] ^ 1]
            isDone = (try? file.write(flipped.span.bytes, at: UInt64(bytes.count / 2))) != nil
        }
        return isDone
    }

    /// Makes what waits durable, and applies what is chosen.
    func work() {
        guard let engine, !isStill else { return }
        if engine.endOfInput(writesLog: writesLog) { engine.processCompletions() }
        while takesStep, engine.log.stepWriter() {}
        guard takesStep else { return }
        engine.processCompletions()
        while takesStep, engine.stepMaintenance() {
            guard takesStep else { return }
            engine.processCompletions()
        }
        while takesStep, engine.log.stepWriter() {}
        guard takesStep else { return }
        engine.processCompletions()
        engine.endOfInput()
    }

    /// Steps that the replica still takes before it stands still, to be killed; nil for any number.
    var stepsLeft: Int?
    var isStill: Bool { stepsLeft == 0 }

    private var takesStep: Bool {
        guard let steps = stepsLeft else { return true }
        stepsLeft = max(0, steps - 1)
        return steps > 0
    }

    // MARK: The client

    func open(timeoutMilliseconds: UInt32 = 10_000) {
        guard let engine else { return }
        attachment = engine.makeAttachment(for: self)
        _ = engine.openSession(
            attachment, timeoutMilliseconds: timeoutMilliseconds, password: EngineDriver.password)
    }

    func attach(_ session: SessionID) {
        guard let engine else { return }
        attachment = engine.makeAttachment(for: self)
        _ = engine.attachSession(
            attachment, session: session, password: EngineDriver.password, timeoutMilliseconds: 10_000)
    }

    func submit(_ operation: OpCode, _ fill: (ByteBuilder) -> Void) {
        let body = ByteBuilder()
        fill(body)
        let result = engine?.submit(
            kind: operation.rawValue, session: session, attachment: attachment, sequence: sequence + 1,
            identities: RawSpan(), body: body.bytes)
        if result == .accepted { sequence += 1 }
    }

    func create(_ path: String, data: [UInt8] = [1]) {
        submit(.create) { $0.append(createRequest: path, data: data) }
    }

    /// Lets the disk be full, or have room again.
    func limitDisk(toByteCount count: UInt64) { disk.limit(toByteCount: count) }

    func sync(_ token: UInt64) { engine?.barrier(attachment, token: token) }

    func has(_ path: String) -> Bool {
        let bytes = Array(path.utf8)
        return engine?.read { tree in try? tree.stat(bytes.span.bytes, identities: RawSpan()) } != nil
    }

    var digest: TreeDigest? {
        guard let engine else { return nil }
        return engine.read { $0.digest() }
    }
    var isServing: Bool { engine?.consensus.isServing ?? false }

    func forgetSession() { session = .none }

    func forgetReplies() { replies.removeAll() }

    // MARK: PeerLink

    func send(_ body: RawSpan, to replica: ReplicaID) { outbox.append((replica, [UInt8](copying: body))) }
    func sendUnhurried(_ body: RawSpan, to replica: ReplicaID) {
        unhurried.append(replica)
        send(body, to: replica)
    }

    func sendLater(_ body: RawSpan, to replica: ReplicaID) {
        later.append(replica)
        send(body, to: replica)
    }

    func flush() {}

    // MARK: ClientGateway

    func commandApplied(_ result: CommandResult, body: RawSpan) {
        replies.append("\(result.outcome) \(result.error.rawValue)")
    }

    func sessionEvent(_ event: SessionEvent) {
        sessionEvents.append(event.kind)
        guard event.kind == .opened || event.kind == .attached else { return }
        session = event.session
        sequence = 0
    }

    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {}
    func barrierReached(_ attachment: AttachmentID, token: UInt64) { replies.append("sync \(token)") }
    func congestionChanged(_ isCongested: Bool) {}
    func servingChanged(_ isServing: Bool) { servingChanges.append(isServing) }
    func batchEnded() {}
    func engineStopped(_ reason: String) { stopReason = reason }
}
