import CoreTypes
import PosixIO
import SystemPackage
import Testing

@testable import DurableLog

@Suite("The log")
struct DurableLogTests {
    @Test("what was accepted is found again, and read, across segments, in any order")
    func roundTrip() throws {
        let fixture = try LogFixture()
        let (log, first) = try fixture.open()
        #expect(first.report.isNew)
        #expect(first.accepted.isEmpty)
        for slot in 1...300 as ClosedRange<UInt64> {
            try log.accept(slot)
            if slot % 3 == 0 { log.flush() }
        }
        log.flush()
        #expect(log.status.segmentCount > 3)
        for slot in 1...300 as ClosedRange<UInt64> { #expect(try log.bytes(slot)?.bytes == payload(slot)) }
        let reopened = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost })
        let (again, recovered) = try reopened.open(firstSlotNeeded: 200)
        #expect(recovered.accepted.map(\.slot.rawValue) == Array(200...300))
        #expect(recovered.identity == first.identity)
        #expect(recovered.report.scannedSegmentCount < recovered.report.segmentCount)
        for slot in (1...300 as ClosedRange<UInt64>).reversed() {
            #expect(try again.bytes(slot)?.bytes == payload(slot))
        }
        #expect(try again.bytes(301) == nil)
        #expect(try again.bytes(0) == nil)
    }

    @Test("a record is durable when its group is, and not before; sequences count records")
    func sequences() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        let first = try log.accept(1)
        let second = try log.append(promise: ballot(4))
        #expect(first.rawValue == 1 && second.rawValue == 2)
        #expect(log.durableSequence == .none)
        #expect(!log.stepWriter())
        log.submit()
        let third = try log.accept(2, 4)
        #expect(log.stepWriter())
        #expect(log.durableSequence == third)
        #expect(!log.stepWriter())
        #expect(log.status.groupCount == 2 && log.status.recordCount == 2)
    }

    @Test("who appends writes what few wait for, and leaves the rest to the writer")
    func submitAndWrite() throws {
        let (log, _) = try LogFixture().open()
        while log.stepPreparer() {}
        let first = try log.accept(1)
        let isWritten = log.submitAndWrite(writerCountMax: 1)
        #expect(isWritten && log.durableSequence == first)
        let isWrittenAgain = log.submitAndWrite(writerCountMax: 1)
        #expect(!isWrittenAgain)
        try log.accept(2)
        let third = try log.accept(3)
        let isWrittenForTwo = log.submitAndWrite(writerCountMax: 1)
        #expect(!isWrittenForTwo && log.durableSequence == first)
        #expect(log.stepWriter() && log.durableSequence == third)
    }

    @Test("the highest ballot stands for a slot, whatever the order, and a chosen record above it")
    func highestBallot() throws {
        var fixture = try LogFixture(policy: .cluster)
        fixture.options.segmentByteCount = 65_536
        let (log, _) = try fixture.open()
        try log.accept(5, 1)
        try log.accept(3, 2)
        log.flush()
        try log.accept(5, 2)
        log.flush()
        let chosen = payload(3, 1)
        _ = try log.append(chosen: Slot(rawValue: 3), ballot: ballot(1), payload: chosen.span.bytes)
        log.flush()
        #expect(try log.bytes(5)?.bytes == payload(5, 2))
        #expect(try log.bytes(3)?.bytes == chosen)
        let (again, recovered) = try LogFixture(fixture.fileSystem.image, policy: .cluster).open()
        #expect(recovered.accepted.map(\.slot.rawValue) == [3, 5])
        #expect(recovered.accepted.map(\.ballot.round) == [1, 2])
        #expect(recovered.accepted.map(\.isChosen) == [true, false])
        #expect(recovered.promised == ballot(2))
        #expect(try again.bytes(5)?.bytes == payload(5, 2))
        #expect(try again.bytes(3)?.bytes == chosen)
    }

    @Test("what is not durable yet can be read")
    func readsPending() throws {
        let (log, _) = try LogFixture().open()
        try log.accept(1)
        #expect(try log.bytes(1)?.bytes == payload(1))
        log.flush()
        try log.accept(1, 2)
        #expect(try log.bytes(1)?.bytes == payload(1, 2))
        #expect(try log.bytes(1)?.entry.ballot == ballot(2))
    }

    @Test("promise, membership, base and chosen slot outlive every segment that they were written to")
    func restated() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        _ = try log.append(promise: ballot(7))
        _ = try log.append(membership: [UInt8]([1, 2, 3]).span.bytes)
        _ = try log.append(base: LogBase(slot: Slot(rawValue: 4), description: [7, 7]))
        for slot in 5...200 as ClosedRange<UInt64> {
            try log.accept(slot, 7, count: 3_000)
            log.flush()
            while log.stepPreparer() {}
        }
        _ = try log.append(chosenThrough: Slot(rawValue: 150))
        log.stepMark()
        log.retain(checkpoint: Slot(rawValue: 190), snapshot: Slot(rawValue: 190))
        while log.stepPreparer() {}
        #expect(log.status.segmentCount < 4)
        let recovered = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }).open(firstSlotNeeded: 191).1
        #expect(recovered.promised == ballot(7))
        #expect(recovered.membership == [1, 2, 3])
        #expect(recovered.base == LogBase(slot: Slot(rawValue: 4), description: [7, 7]))
        #expect(recovered.chosenThrough == Slot(rawValue: 150))
        #expect(recovered.accepted.map(\.slot.rawValue) == Array(191...200))
    }

    @Test("a chosen slot alone costs no write; the next group or the mark carries it")
    func lazyChosen() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try log.append(chosenThrough: Slot(rawValue: 3))
        log.flush()
        #expect(try fixture.inspect().chosenThrough == .none)
        #expect(log.stepMark())
        #expect(try fixture.inspect().chosenThrough == Slot(rawValue: 3))
        #expect(!log.stepMark())
        let urgent = try log.append(chosenThrough: Slot(rawValue: 4), isUrgent: true)
        log.flush()
        #expect(log.durableSequence == urgent)
        #expect(try fixture.inspect().chosenThrough == Slot(rawValue: 4))
    }

    @Test("what is chosen is not said by a group before that of the record which was chosen")
    func chosenBehindItsRecord() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        let longest = log.recordByteCountMax
        try log.accept(1, count: longest)
        try log.accept(2, count: longest)
        try log.append(chosenThrough: Slot(rawValue: 2))
        log.submit()
        #expect(log.stepWriter())
        let recovered = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }).open().1
        #expect(recovered.accepted.map(\.slot.rawValue) == [1])
        #expect(recovered.chosenThrough == .none)
        log.flush()
        let whole = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }).open().1
        #expect(whole.chosenThrough == Slot(rawValue: 2))
    }

    @Test("a record as long as a segment allows is written and read, and a longer one refused")
    func longRecords() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        let longest = log.recordByteCountMax
        try log.accept(1, count: longest)
        try log.accept(2)
        try log.accept(3, count: longest)
        log.flush()
        #expect(throws: LogRefusal.tooLarge) { try log.accept(4, count: longest + 1) }
        #expect(try log.bytes(3)?.bytes == payload(3, count: longest))
        let (again, recovered) = try LogFixture(fixture.fileSystem.image).open()
        #expect(recovered.accepted.count == 3)
        #expect(try again.bytes(1)?.bytes == payload(1, count: longest))
    }

    @Test("an empty payload is a payload")
    func emptyPayload() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try log.accept(1, count: 0)
        log.flush()
        #expect(try log.bytes(1)?.entry.state == .whole)
        #expect(try fixture.inspect().accepted.first?.byteCount == 0)
    }

    @Test("a clean stop is seen, and opening after it writes nothing")
    func cleanStop() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try log.accept(1)
        log.flush()
        log.stepMark(isCleanStop: true)
        log.close()
        #expect(throws: LogRefusal.closed) { try log.accept(2) }
        let before = fixture.fileSystem.callCount(.write)
        let (_, recovered) = try fixture.open()
        #expect(recovered.report.wasCleanStop)
        #expect(fixture.fileSystem.callCount(.write) == before)
        let (_, crashed) = try LogFixture(fixture.fileSystem.image).open()
        #expect(crashed.report.wasCleanStop)
    }

    @Test("a write that fails is final, and says so")
    func failure() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try log.accept(1)
        log.flush()
        fixture.fileSystem.inject(FaultInjection(.write, errno: .ioError))
        let second = try log.accept(2)
        log.flush()
        #expect(log.durableSequence < second)
        #expect(log.failure?.description.contains("Input/output error") == true)
        #expect(log.status.failure == log.failure)
        #expect(throws: LogRefusal.failed) { try log.accept(3) }
        #expect(throws: LogRefusal.failed) { _ = try log.append(promise: ballot(9)) }
        let writes = fixture.fileSystem.callCount(.write)
        log.flush()
        log.stepMark()
        #expect(!log.stepPreparer())
        #expect(fixture.fileSystem.callCount(.write) == writes)
    }

    @Test("a mode without syncs is reported as unsafe by status and by the next opening")
    func unsafeMode() throws {
        let fixture = try LogFixture(mode: .unsafeNoSync)
        let (log, _) = try fixture.open()
        try log.accept(1)
        log.flush()
        #expect(log.status.isUnsafeNoSync)
        #expect(log.status.syncMode.rawValue.contains("UNSAFE"))
        #expect(fixture.fileSystem.callCount(.sync) == 0)
        #expect(fixture.fileSystem.callCount(.syncDirectory) == 0)
        let report = try LogFixture(fixture.fileSystem.image).open().1.report
        #expect(report.wasUnsafeNoSync && report.summary.contains("UNSAFE"))
    }

    @Test("the probe finds every mode of a file system, and removes its file")
    func probe() throws {
        var fixture = try LogFixture()
        fixture.options.syncMode = nil
        let (log, _) = try fixture.open()
        #expect(log.status.probe.map(\.mode) == [.direct, .dataSync, .syncCall])
        #expect(!(try fixture.fileSystem.list(LogFixture.directory).contains("probe")))
        func result(_ mode: SyncMode, _ time: UInt64) -> SyncModeProbe.Result {
            SyncModeProbe.Result(mode: mode, medianNanoseconds: time * 3, bestNanoseconds: time)
        }
        #expect(SyncModeProbe.choose([result(.direct, 119), result(.syncCall, 100)]) == .direct)
        #expect(SyncModeProbe.choose([result(.direct, 130), result(.dataSync, 100)]) == .dataSync)
        #expect(SyncModeProbe.choose([result(.syncCall, 100)]) == .syncCall)
        #expect(SyncModeProbe.choose([]) == .syncCall)
    }

    @Test("a mode that the file system refuses is not taken")
    func probeRefused() throws {
        var fixture = try LogFixture()
        fixture.options.syncMode = nil
        fixture.fileSystem.inject(FaultInjection(.open, errno: .invalidArgument, pathPart: "probe"))
        let (log, _) = try fixture.open()
        #expect(log.status.probe.map(\.mode) == [.dataSync, .syncCall])
    }

    @Test("options that make no sense are refused", arguments: [4096, 65_537, 1 << 31])
    func options(segmentByteCount: Int) throws {
        var fixture = try LogFixture()
        fixture.options.segmentByteCount = segmentByteCount
        let error = #expect(throws: LogError.self) { _ = try fixture.open() }
        #expect(error?.description.contains("segmentByteCount") == true)
    }
}
