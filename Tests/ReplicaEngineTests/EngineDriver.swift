import CoreTypes
import DurableLog
import PosixIO
import Simulation
import SystemPackage
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

/// Drives an engine by hand over a file system in memory: nothing happens that the test does not step.
final class EngineDriver: ClientGateway {
    let fileSystem: MemoryFileSystem
    let base: ModelZnodeBase
    private(set) var engine: ReplicaEngine
    private(set) var replies: [String] = []
    private(set) var session = SessionID.none
    private(set) var attachment = AttachmentID.none
    private(set) var sessionEvents: [SessionEvent.Kind] = []
    private(set) var stopReason: String?
    var nextSequence: UInt64 { sequence + 1 }
    private var sequence: UInt64 = 0
    static let password = SessionPassword(high: 5, low: 6)

    static func options() -> EngineOptions {
        var options = EngineOptions()
        options.log.segmentByteCount = 65_536
        options.log.runsOwnThreads = false
        options.log.syncMode = .direct
        options.log.randomSeed = 1
        options.applyClock = { 0 }
        options.scrub = nil
        return options
    }

    init(
        fileSystem: MemoryFileSystem = MemoryFileSystem(), base: ModelZnodeBase = ModelZnodeBase(),
        options: EngineOptions = EngineDriver.options()
    ) throws(EngineError) {
        self.fileSystem = fileSystem
        self.base = base
        // The image in memory has no root: what lies at its top is made by hand.
        try? fileSystem.createDirectory("/data")
        engine = try ReplicaEngine.open(
            "/data", options: options, fileSystem: fileSystem, openStore: { _ in SimulatedStore(base, fileSystem) },
            wallClock: { WallClockTime(rawValue: 1_000) }, wake: {})
        engine.register(self)
    }

    /// Ends a turn: what was submitted is made durable, applied and answered.
    func settle() {
        engine.endOfInput()
        while engine.log.stepWriter() {}
        engine.processCompletions()
    }

    func open(timeoutMilliseconds: UInt32 = 10_000) {
        attachment = engine.makeAttachment(for: self)
        _ = engine.openSession(attachment, timeoutMilliseconds: timeoutMilliseconds, password: Self.password)
        settle()
    }

    func attach(_ session: SessionID) {
        attachment = engine.makeAttachment(for: self)
        _ = engine.attachSession(
            attachment, session: session, password: Self.password, timeoutMilliseconds: 10_000)
        settle()
    }

    @discardableResult
    func submit(_ operation: OpCode, _ fill: (ByteBuilder) -> Void) -> SubmitResult {
        let body = ByteBuilder()
        fill(body)
        let result = engine.submit(
            kind: operation.rawValue, session: session, attachment: attachment, sequence: sequence + 1,
            identities: RawSpan(), body: body.bytes)
        if result == .accepted { sequence += 1 }
        return result
    }

    func stat(_ path: String) -> ZooKeeperWire.Stat? {
        let bytes = Array(path.utf8)
        return engine.read { try? $0.stat(bytes.span.bytes, identities: RawSpan()) }
    }

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

    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {
        replies.append("\(event.type) \(String(decoding: [UInt8](copying: path), as: UTF8.self))")
    }

    func barrierReached(_ attachment: AttachmentID, token: UInt64) { replies.append("barrier \(token)") }
    func congestionChanged(_ isCongested: Bool) {}
    func servingChanged(_ isServing: Bool) {}
    func batchEnded() {}
    func engineStopped(_ reason: String) { stopReason = reason }
}
