import CoreTypes
import PosixIO
import SnapshotFile
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

    @Test("a rebuild that the log contradicts is refused, and the old file stays where it is")
    func contradicted() throws {
        let scratch = try ScratchDirectory("rebuild")
        let directory = scratch.path.string
        try fill(directory, takesSnapshot: true)
        // A snapshot says by its name that there were slots beyond the log's end.
        let snapshots = SnapshotDirectory(FilePath(directory).appending("snapshots"), fileSystem: RealFileSystem())
        let file = try RealFileSystem().open(snapshots.path(of: Slot(rawValue: 1_000_000)), [.write, .create])
        let garbage: [UInt8] = [1, 2, 3]
        try file.write(garbage.span.bytes, at: 0)
        let error = #expect(throws: EngineError.self) { try StoreRebuild.run(directory, logDirectory: nil) }
        #expect(error?.description.contains("there were slots up to 1000000") == true, "\(error?.description ?? "")")
        try RealFileSystem().remove(snapshots.path(of: Slot(rawValue: 1_000_000)))
        // The log of another directory.
        let other = try ScratchDirectory("rebuild-other")
        try fill(other.path.string, takesSnapshot: false)
        let foreign = other.path.appending("log").string
        let refusal = #expect(throws: EngineError.self) { try StoreRebuild.run(directory, logDirectory: foreign) }
        #expect(refusal?.description.contains("another directory") == true)
        try check(directory, notice: nil)
    }

    @Test("snapshots that are taken while checkpoints go on have the name of their slot")
    func snapshotNames() throws {
        let scratch = try ScratchDirectory("rebuild")
        let client = try RealClient(scratch.path.string)
        for number in 0..<30 {
            client.create("/s\(number)", data: [1])
            client.engine.requestCheckpoint()
            client.engine.requestSnapshot(to: nil) { _ in }
        }
        try client.snapshot()
        let snapshots = SnapshotDirectory(scratch.path.appending("snapshots"), fileSystem: RealFileSystem())
        let slots = try snapshots.slots()
        #expect(slots.count >= 2)
        for slot in slots { try snapshots.verify(slot) }
        try client.engine.close()
    }

    @Test("what is seldom read is read again, and damage to it is found while the engine works")
    func scrubbed() throws {
        let scratch = try ScratchDirectory("rebuild")
        let directory = scratch.path.string
        try fill(directory, takesSnapshot: true)
        var options = EngineOptions()
        options.scrub?.intervalMilliseconds = 1
        options.scrub?.bytesPerSecond = 1 << 30
        let client = try RealClient(directory, options)
        client.waitUntil { client.engine.counters.scrubs > 0 }
        #expect(client.engine.counters.scrubFindings == [])
        // In the middle of the snapshot, and of a group in the log.
        let snapshot = scratch.path.appending("snapshots").appending(
            try RealFileSystem().list(scratch.path.appending("snapshots"))[0])
        let log = scratch.path.appending("log/log-0000000000000001")
        for path in [snapshot, log] {
            let file = try RealFileSystem().open(path, [.write])
            let garbage: [UInt8] = [0xA5, 0x5A, 0xA5]
            try file.write(garbage.span.bytes, at: path == log ? 3 * 4_096 + 100 : 300)
        }
        let count = client.engine.counters.scrubs
        client.waitUntil { client.engine.counters.scrubs > count + 1 }
        let findings = client.engine.counters.scrubFindings
        #expect(
            findings.contains { $0.contains("snapshot-") } && findings.contains { $0.contains("log-") }, "\(findings)")
        #expect(client.engine.status.trouble == findings.first)
        try client.engine.close()
    }

    @Test("whoever waits for a snapshot when the engine is closed is told")
    func closedWhileWaiting() throws {
        let scratch = try ScratchDirectory("rebuild")
        let client = try RealClient(scratch.path.string)
        client.create("/a", data: [1])
        let counter = Counter()
        for _ in 0..<5 { client.engine.requestSnapshot(to: nil) { _ in counter.count += 1 } }
        try client.engine.close()
        #expect(counter.count == 5)
    }

    @Test("a directory is verified part by part, and a flipped bit is found")
    func verified() throws {
        let scratch = try ScratchDirectory("rebuild")
        let directory = scratch.path.string
        try fill(directory, takesSnapshot: true)
        let parts = try DirectoryCheck(directory, logDirectory: nil).run { _ in }
        #expect(parts.count == 5 && parts.allSatisfy(\.isWhole), "\(parts)")
        try damage(directory)
        let after = try DirectoryCheck(directory, logDirectory: nil).run { _ in }
        #expect(after.filter { !$0.isWhole }.map(\.part) == ["store"])
        #expect(try StoreRebuild.run(directory, logDirectory: nil).contains("snapshot-"))
        try check(directory, notice: nil)
    }
}

// Used by the test's thread alone.
private final class Counter: @unchecked Sendable {
    var count = 0
}

/// One client of an engine on the real disk.
private final class RealClient: ClientGateway {
    let engine: ReplicaEngine
    private var session = SessionID.none
    private var attachment = AttachmentID.none
    private var sequence: UInt64 = 0
    private var answerCount: UInt64 = 0

    init(_ directory: String, _ options: EngineOptions = EngineOptions()) throws {
        engine = try ReplicaEngine.open(directory: directory, options: options) {}
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

    func waitUntil(_ isDone: () -> Bool) {
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
    func servingChanged(_ isServing: Bool) {}
    func batchEnded() {}
    func engineStopped(_ reason: String) {}
}
