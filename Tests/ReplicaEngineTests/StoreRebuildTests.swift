import CoreTypes
import PosixIO
import SystemPackage
import TestSupport
import Testing
import ZnodeStore
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

/// On the real file system and LMDB: what becomes of a store that is damaged or gone.
@Suite("Rebuilding the store")
struct StoreRebuildTests {
    private let count = 50

    /// An engine with a few znodes, a snapshot of the first half of them, and a clean end.
    private func fill(_ directory: String, takesSnapshot: Bool) throws {
        let client = try RealClient(directory)
        for number in 0..<count {
            if takesSnapshot, number == count / 2 { try client.snapshot() }
            client.create("/n\(number)", data: [UInt8](repeating: UInt8(number), count: 500))
        }
        try client.engine.close()
    }

    private func check(_ directory: String, notice: String?) throws {
        let client = try RealClient(directory)
        for number in 0..<count { #expect(client.byteCount("/n\(number)") == 500, "\(number)") }
        if let notice {
            let isSaid = client.engine.replay.notices.contains { $0.contains(notice) }
            #expect(isSaid, "\(client.engine.replay.notices)")
        } else {
            #expect(client.engine.replay.notices == [])
        }
        try client.engine.close()
    }

    private func damage(_ directory: String) throws {
        let file = try RealFileSystem().open(FilePath(directory).appending("store/znodes.mdb"), [.write])
        let garbage = [UInt8](repeating: 0xA5, count: 64 * 1_024)
        try file.write(garbage.span.bytes, at: 0)
    }

    @Test(
        "a damaged store is made anew from the newest snapshot and the log, and kept aside", arguments: [true, false])
    func damaged(takesSnapshot: Bool) throws {
        let scratch = try ScratchDirectory("rebuild")
        let directory = scratch.path.string
        try fill(directory, takesSnapshot: takesSnapshot)
        try damage(directory)
        try check(directory, notice: takesSnapshot ? "snapshot-" : "replayed from the first")
        let isKept = try RealFileSystem().exists(FilePath(directory).appending("store/znodes.mdb.damaged"))
        #expect(isKept)
        try check(directory, notice: nil)
    }

    @Test("without a snapshot and with a log that does not begin at slot 1 it is refused, and nothing is touched")
    func refused() throws {
        let scratch = try ScratchDirectory("rebuild")
        let directory = scratch.path.string
        try fill(directory, takesSnapshot: false)
        try damage(directory)
        let log = FilePath(directory).appending("log")
        for name in try RealFileSystem().list(log) { try RealFileSystem().remove(log.appending(name)) }
        let error = #expect(throws: EngineError.self) { try RealClient(directory) }
        #expect(error?.kind == .damagedStore)
        #expect(error?.description.contains("cannot be rebuilt") == true)
        let isThere = try RealFileSystem().exists(FilePath(directory).appending("store/znodes.mdb"))
        #expect(isThere)
    }

    @Test("a directory is verified part by part, and a flipped bit is found")
    func verified() throws {
        let scratch = try ScratchDirectory("rebuild")
        let directory = scratch.path.string
        try fill(directory, takesSnapshot: true)
        let parts = try DirectoryCheck(directory, logDirectory: nil).run { _ in }
        #expect(parts.count == 4 && parts.allSatisfy(\.isWhole), "\(parts)")
        try damage(directory)
        let after = try DirectoryCheck(directory, logDirectory: nil).run { _ in }
        #expect(after.filter { !$0.isWhole }.map(\.part) == ["store"])
        #expect(try StoreRebuild.run(directory, logDirectory: nil).contains("snapshot-"))
        try check(directory, notice: nil)
    }
}

/// One client of an engine on the real disk.
private final class RealClient: ClientGateway {
    let engine: ReplicaEngine
    private var session = SessionID.none
    private var attachment = AttachmentID.none
    private var sequence: UInt64 = 0
    private var answerCount: UInt64 = 0

    init(_ directory: String) throws {
        engine = try ReplicaEngine.open(directory: directory, options: EngineOptions()) {}
        engine.register(self)
        attachment = engine.makeAttachment(for: self)
        _ = engine.openSession(
            attachment, timeoutMilliseconds: 10_000, password: SessionPassword(high: 1, low: 2))
        waitUntil { session != .none }
    }

    func create(_ path: String, data: [UInt8]) {
        let body = ByteBuilder()
        body.append(createRequest: path, data: data)
        sequence += 1
        _ = engine.submit(
            kind: OpCode.create.rawValue, session: session, attachment: attachment, sequence: sequence,
            identities: RawSpan(), body: body.bytes)
        waitUntil { answerCount == sequence }
    }

    func snapshot() throws {
        let box = Box()
        engine.requestSnapshot(to: nil) { box.result = $0 }
        waitUntil { box.result != nil }
        _ = try box.result?.get()
    }

    func byteCount(_ path: String) -> Int? {
        let bytes = Array(path.utf8)
        return engine.read { try? $0.node(bytes.span.bytes, identities: RawSpan()).data?.count }
    }

    private func waitUntil(_ isDone: () -> Bool) {
        engine.endOfInput()
        while !isDone() {
            engine.processCompletions()
            engine.tick(now: MonotonicClock.tick)
            if !isDone() { _ = engine.progress.wait(nanoseconds: 10_000_000) }
        }
    }

    // Used by the test's thread alone.
    private final class Box: @unchecked Sendable {
        var result: Result<SnapshotReport, MaintenanceFailure>?
    }

    func commandApplied(_ result: CommandResult, body: RawSpan) { answerCount += 1 }
    func sessionEvent(_ event: SessionEvent) { session = event.session }
    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {}
    func barrierReached(_ attachment: AttachmentID, token: UInt64) {}
    func congestionChanged(_ isCongested: Bool) {}
    func batchEnded() {}
    func engineStopped(_ reason: String) {}
}
