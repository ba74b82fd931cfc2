import Consensus
import CoreTypes
import DurableLog
import PosixIO
import ReplicaEngine
import SystemPackage
import ZnodeTree
import ZooKeeperWire

/// One replica of a `MatrixCluster`: its disk, its engine while the process lives, and one client.
final class MatrixReplica {
    let identity: ReplicaIdentity
    private let membership: Membership
    let face = ClockFace()
    var disk = MemoryFileSystem()
    /// The store's disk.
    var base = ModelZnodeBase()
    /// Nil while the process is dead.
    private(set) var engine: ReplicaEngine?
    /// Why it did not start.
    private(set) var refusal: String?
    /// Why it stopped for good.
    private(set) var stopReason: String?
    /// Messages that wait to be delivered, in order.
    var outbox: [(receiver: ReplicaID, body: [UInt8])] = []
    /// Is told of everything that is applied.
    var onApply: (Slot, [UInt8]) -> Void = { _, _ in }
    /// See `MatrixHistoryPlan.recyclesLog`.
    var recyclesLog = false
    private var client = MatrixClient()

    init(_ identity: ReplicaIdentity, _ membership: Membership) {
        self.identity = identity
        self.membership = membership
        try? disk.createDirectory("/data")
    }

    var id: ReplicaID { identity.replica }
    var name: String { "replica \(identity.replica.rawValue)" }

    func start() {
        let (base, disk, face) = (base, disk, face)
        do throws(EngineError) {
            let engine = try ReplicaEngine.open(
                "/data", options: options, fileSystem: disk, openStore: { _ in SimulatedStore(base, disk) },
                wallClock: { face.wall }, wake: {})
            engine.register(self)
            engine.connect(self)
            engine.observer = self
            engine.tick(now: face.tick)
            self.engine = engine
        } catch {
            refusal = error.description
        }
    }

    private var options: EngineOptions {
        let face = face
        var options = EngineOptions()
        options.replica = identity.replica
        options.log.segmentByteCount = 65_536
        options.log.syncMode = .direct
        options.log.runsOwnThreads = false
        // No two lives may have segments of one generation.
        options.log.randomSeed = face.tick.rawValue << 8 | UInt64(id.rawValue)
        options.runsMaintenanceThreads = false
        options.clock = { face.tick }
        options.applyClock = { 0 }
        options.scrub = nil
        if recyclesLog {
            options.commandsPerCheckpointMax = 8
            options.logByteCountPerSnapshot = 512
            options.logByteCountForPeers = 0
        }
        var cluster = ReplicationOptions(
            founding: ReplicationOptions.Founding(
                cluster: ClusterID(Identifier128(high: 7, low: 7)), incarnation: identity.incarnation,
                membership: membership))
        cluster.seed = UInt64(id.rawValue)
        cluster.digestPeriodSlotCount = 8
        options.cluster = cluster
        return options
    }

    /// The process dies; its disk stays, as far as it is synced.
    func stop() {
        engine?.abandon()
        engine = nil
        outbox.removeAll()
        onApply = { _, _ in }
    }

    // MARK: Time

    func tick(_ now: Tick) {
        face.tick = now
        face.wall = WallClockTime(rawValue: 1_700_000_000_000 + Int64(now.rawValue))
        engine?.tick(now: now)
    }

    /// Makes durable what waits, applies what is chosen, sends what follows.
    func work() {
        guard let engine else { return }
        engine.endOfInput()
        while engine.stepLogWriter() {}
        engine.processCompletions()
        while engine.stepLogPreparer() {}
        while engine.stepMaintenance() { engine.processCompletions() }
        while engine.stepLogWriter() {}
        engine.processCompletions()
        engine.endOfInput()
    }

    // MARK: The client

    var isServing: Bool { engine?.mode == .leader || engine?.mode == .follower }
    var isLeading: Bool { engine?.mode == .leader }
    /// Whether the client has a session.
    var hasSession: Bool { client.session != .none }
    /// How many of its writes were done.
    var answeredCount: Int { client.answeredCount }

    func openSession() {
        guard let engine else { return }
        client = MatrixClient()
        client.attachment = engine.makeAttachment(for: self)
        _ = engine.openSession(
            client.attachment, timeoutMilliseconds: 1_000_000, password: SessionPassword(high: 5, low: 6))
    }

    func create(_ path: String, _ data: [UInt8]) {
        let body = ByteBuilder()
        body.append(createRequest: path, data: data)
        let result = engine?.submit(
            kind: OpCode.create.rawValue, session: client.session, attachment: client.attachment,
            sequence: client.sequence + 1, identities: RawSpan(), body: body.bytes)
        if result == .accepted { client.sequence += 1 }
    }

    /// The data of a znode; nil if it is not there.
    func data(of path: String) -> [UInt8]? {
        let bytes = Array(path.utf8)
        return engine?.read { tree in (unsafe try? tree.node(bytes.span.bytes, identities: RawSpan()))?.data }
    }
}

extension MatrixReplica: PeerLink {
    func send(_ body: RawSpan, to replica: ReplicaID) { outbox.append((replica, [UInt8](copying: body))) }
    func flush() {}
}

extension MatrixReplica: ApplyObserver {
    func applied(_ slot: Slot, proposal: RawSpan, lastZxid: Zxid, output: ApplyOutput) {
        onApply(slot, [UInt8](copying: proposal))
    }
}

extension MatrixReplica: ClientGateway {
    func commandApplied(_ result: CommandResult, body: RawSpan) {
        if result.outcome == .executed, result.error == .ok { client.answeredCount += 1 }
    }

    func sessionEvent(_ event: SessionEvent) {
        if event.kind == .opened, event.attachment == client.attachment { client.session = event.session }
    }

    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {}
    func barrierReached(_ attachment: AttachmentID, token: UInt64) {}
    func congestionChanged(_ isCongested: Bool) {}
    func servingChanged(_ isServing: Bool) {}
    func batchEnded() {}
    func engineStopped(_ reason: String) { stopReason = reason }
}

/// What the client of a replica knows.
private struct MatrixClient {
    var session = SessionID.none
    var attachment = AttachmentID.none
    var sequence: UInt64 = 0
    var answeredCount = 0
}
