import CoreTypes
import DurableLog
import PosixIO
import Synchronization
import SystemPackage
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

/// A disk at a moment of a run, with what had been answered by then.
struct CrashMoment {
    var image: DiskImage
    var base: ModelZnodeBase
    /// Every slot up to here was answered.
    var answered: Slot
}

/// What the tree must be once it stands at a slot.
struct ExpectedState: Equatable {
    var digest: TreeDigest
    var zxid: Zxid
}

/// A short run of an engine, with the disk of every moment at which it changed, and the tree at every slot.
///
/// Creates of all kinds, sets, deletes, multis that succeed and that fail, a second session with ephemerals that is
/// closed, checkpoints, and enough large data to go through several segments.
final class CrashWorkload {
    private let driver: EngineDriver
    private let recorder: Recorder
    private(set) var expected: [Slot: ExpectedState] = [:]
    var moments: [CrashMoment] { recorder.moments }

    /// Called in the middle of every call of the file system, by the thread that makes it.
    private final class Recorder: @unchecked Sendable {
        // Used by one thread at a time: the run waits while the maintenance thread works, and that one writes no files.
        var moments: [CrashMoment] = []
        var base: ModelZnodeBase
        var answered = Slot.none
        init(_ base: ModelZnodeBase) { self.base = base }
        func note(_ image: DiskImage) {
            moments.append(CrashMoment(image: image, base: base.copy(), answered: answered))
        }
    }

    init(_ mode: SyncMode) throws {
        let fileSystem = MemoryFileSystem()
        let base = ModelZnodeBase()
        let recorder = Recorder(base)
        fileSystem.observe { _, image in recorder.note(image) }
        self.recorder = recorder
        driver = try EngineDriver(fileSystem: fileSystem, base: base, options: Self.options(mode))
        note()
    }

    static func options(_ mode: SyncMode) -> EngineOptions {
        var options = EngineDriver.options()
        options.log.syncMode = mode
        return options
    }

    func run() throws {
        turn { driver.open() }
        turn {
            driver.submit(.create) { $0.append(createRequest: "/config", data: [1]) }
            driver.submit(.create) { $0.append(createRequest: "/queue", data: []) }
        }
        for number in 0..<14 {
            turn { mixedWrites(UInt8(number)) }
            if number % 5 == 4 { checkpoint() }
        }
        let owner = (driver.session, driver.attachment)
        turn { driver.open() }
        turn { driver.submit(.create) { $0.append(createRequest: "/mine", data: [9], mode: .ephemeral) } }
        turn { driver.close() }
        checkpoint()
        turn { driver.attach(owner.0) }
        for number in 20..<26 { turn { mixedWrites(UInt8(number)) } }
        try driver.engine.close()
        driver.fileSystem.observe(nil)
    }

    private func mixedWrites(_ number: UInt8) {
        driver.submit(.setData) { $0.append(setDataRequest: "/config", data: [number], version: -1) }
        driver.submit(.create) { $0.append(createRequest: "/queue/n-", data: [number], mode: .persistentSequential) }
        driver.submit(.create) { $0.append(createRequest: "/queue/e\(number)", data: nil, mode: .ephemeral) }
        driver.submit(.multi) {
            $0.append(multi: "/pair\(number)", secondOf: number % 3 == 0 ? "/missing/x" : "/twin\(number)")
        }
        if number % 4 == 3 {
            driver.submit(.create) {
                $0.append(createRequest: "/large\(number)", data: [UInt8](repeating: number, count: 9_000))
            }
        }
        if number % 2 == 1 { driver.submit(.delete) { $0.append(deleteRequest: "/pair\(number - 1)", version: -1) } }
    }

    private func checkpoint() {
        let count = driver.engine.counters.checkpoints
        driver.engine.requestCheckpoint()
        while driver.engine.counters.checkpoints == count {
            _ = driver.engine.progress.wait(nanoseconds: 1_000_000_000)
            driver.engine.processCompletions()
        }
    }

    /// One turn, whose slots are answered at its end.
    private func turn(_ body: () -> Void) {
        body()
        driver.settle()
        note()
        recorder.answered = driver.engine.appliedSlot
    }

    private func note() { expected[driver.engine.appliedSlot] = ExpectedState(driver.engine) }
}

extension ExpectedState {
    init(_ engine: ReplicaEngine) {
        self = engine.read { ExpectedState(digest: $0.digest(), zxid: $0.lastZxid) }
    }
}

extension EngineDriver {
    func close() {
        _ = engine.submit(
            kind: OpCode.closeSession.rawValue, session: session, attachment: attachment, sequence: nextSequence,
            identities: RawSpan(), body: RawSpan())
        settle()
    }
}

extension ByteBuilder {
    /// A multi that creates two znodes.
    fileprivate func append(multi first: String, secondOf second: String) {
        for path in [first, second] {
            MultiHeader(operation: .create2, error: ErrorCode(rawValue: -1)).encode(into: self)
            append(createRequest: path, data: [7])
        }
        MultiHeader.end.encode(into: self)
    }
}
