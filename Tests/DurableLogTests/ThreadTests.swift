import CoreTypes
import PosixIO
import Synchronization
import SystemPackage
import Testing

@testable import DurableLog

/// An empty directory of the real file system for one test, removed with its files at the end.
private final class TemporaryDirectory {
    let path: FilePath
    let fileSystem = RealFileSystem()

    init(_ name: String) throws {
        path = FilePath("/tmp/aviary-\(name)-\(MonotonicClock.nanoseconds)")
        try fileSystem.createDirectory(path)
    }

    deinit {
        let names = (try? fileSystem.list(path)) ?? []
        for name in names { try? fileSystem.remove(path.appending(name)) }
    }
}

@Suite("The log with threads of its own")
struct ThreadTests {
    private func options(_ mode: SyncMode? = nil) -> LogOptions {
        var options = LogOptions()
        options.segmentByteCount = 262_144
        options.syncMode = mode
        options.markDelayMilliseconds = 1
        return options
    }

    private func open(
        _ directory: TemporaryDirectory, _ options: LogOptions, _ wake: WakeSignal = WakeSignal()
    ) throws -> (DurableLog, RecoveredLog) {
        try DurableLog.open(
            fileSystem: directory.fileSystem, directory: directory.path, options: options,
            firstSlotNeeded: Slot(rawValue: 1), onProgress: { wake.signal() })
    }

    @Test(
        "what is appended becomes durable, the driver is woken, and everything is there after reopening",
        arguments: [nil, .direct, .dataSync, .syncCall, .unsafeNoSync] as [SyncMode?])
    func writes(mode: SyncMode?) throws {
        let directory = try TemporaryDirectory("threads")
        let wake = WakeSignal()
        let (log, _) = try open(directory, options(mode), wake)
        var last = LogSequence.none
        for slot in 1...600 as ClosedRange<UInt64> {
            last = try log.accept(slot)
            if slot % 5 == 0 { log.submit(writersInFlight: 5) }
            if slot % 100 == 0 { while log.durableSequence < last { wake.wait() } }
        }
        log.submit()
        while log.durableSequence < last, log.failure == nil { wake.wait() }
        #expect(log.failure == nil)
        let status = log.status
        #expect(status.recordCount == 600)
        #expect(status.groupCount < 600)
        #expect(status.syncTime.count > 0)
        #expect(mode == nil || status.syncMode == mode)
        log.close()
        let (again, recovered) = try open(directory, options(mode))
        #expect(recovered.report.wasCleanStop)
        #expect(recovered.accepted.count == 600)
        for slot in 1...600 as ClosedRange<UInt64> { #expect(try again.bytes(slot)?.bytes == payload(slot)) }
        again.close()
    }

    @Test("files are private")
    func permissions() throws {
        let directory = try TemporaryDirectory("private")
        let (log, _) = try open(directory, options())
        log.close()
        // A file that others may read would show in the mode bits of its status.
        for name in try directory.fileSystem.list(directory.path) {
            let mode = try Stat(directory.path.appending(name)).permissions
            #expect(mode == [.ownerRead, .ownerWrite], "\(name)")
        }
    }

    @Test("readers on other threads see durable and pending slots while the log is written")
    func concurrentReaders() throws {
        let directory = try TemporaryDirectory("readers")
        let wake = WakeSignal()
        let (log, _) = try open(directory, options(), wake)
        let written = Atomic<UInt64>(0)
        let wrong = Atomic<Int>(0)
        let readers = (0..<2).map { number in
            DedicatedThread(name: "reader \(number)") {
                let reader = log.makeReader()
                let builder = ByteBuilder()
                var random = SplitMix64(seed: UInt64(number))
                while written.load(ordering: .acquiring) < 800 {
                    let last = written.load(ordering: .acquiring)
                    guard last > 0 else { continue }
                    let slot = random.next() % last + 1
                    builder.removeAll()
                    let entry = try? reader.read(Slot(rawValue: slot), into: builder)
                    if entry?.state != .whole || [UInt8](copying: builder.bytes) != payload(slot) {
                        wrong.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        for slot in 1...800 as ClosedRange<UInt64> {
            try log.accept(slot)
            log.submit()
            written.store(slot, ordering: .releasing)
        }
        for reader in readers { reader.join() }
        log.close()
        #expect(wrong.load(ordering: .relaxed) == 0)
    }

    @Test("a failing disk ends the log, wakes the driver, and closing does not hang")
    func failure() throws {
        let fileSystem = MemoryFileSystem()
        try fileSystem.createDirectory("/log")
        let wake = WakeSignal()
        var options = options(.syncCall)
        options.randomSeed = 3
        let (log, _) = try DurableLog.open(
            fileSystem: fileSystem, directory: "/log", options: options, firstSlotNeeded: Slot(rawValue: 1),
            onProgress: { wake.signal() })
        fileSystem.inject(FaultInjection(.write, errno: .ioError, isPersistent: true))
        let sequence = try log.accept(1)
        log.submit()
        while log.failure == nil { wake.wait() }
        #expect(log.durableSequence < sequence)
        log.close()
        log.close()
    }

    @Test("after a moment of idleness the last group is followed by a mark, and then nothing more is written")
    func idleness() throws {
        let directory = try TemporaryDirectory("idle")
        let (log, _) = try open(directory, options())
        let before = log.status.markCount
        try log.accept(1)
        log.submit()
        // The mark comes by itself; nobody wakes anybody for it, so that its count is looked at again and again.
        while log.status.markCount == before {}
        log.close()
        #expect(log.status.markCount == before + 2)
    }
}
