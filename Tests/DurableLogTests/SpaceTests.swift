import CoreTypes
import PosixIO
import SystemPackage
import Testing

@testable import DurableLog

@Suite("Retention and space")
struct SpaceTests {
    private func fill(_ log: DurableLog, _ slots: ClosedRange<UInt64>) throws {
        for slot in slots {
            try log.accept(slot, count: 5_000)
            log.flush()
            while log.stepPreparer() {}
        }
    }

    @Test(
        "segments are recycled when checkpoint and snapshot have both passed them, and slots stay readable until then")
    func recycles() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try fill(log, 1...60)
        let before = log.status
        log.retain(checkpoint: Slot(rawValue: 50), snapshot: .none)
        while log.stepPreparer() {}
        #expect(log.status.segmentCount == before.segmentCount)
        #expect(try log.bytes(1)?.bytes == payload(1, count: 5_000))
        log.retain(checkpoint: Slot(rawValue: 50), snapshot: Slot(rawValue: 30))
        while log.stepPreparer() {}
        #expect(log.status.segmentCount < before.segmentCount)
        #expect(try log.bytes(1) == nil)
        #expect(try log.bytes(31)?.bytes == payload(31, count: 5_000))
        try fill(log, 61...100)
        #expect(log.status.recycledSegmentCount > 0)
        for slot in 31...100 as ClosedRange<UInt64> {
            #expect(try log.bytes(slot)?.bytes == payload(slot, count: 5_000))
        }
        let recovered = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }).open(firstSlotNeeded: 51).1
        #expect(recovered.accepted.map(\.slot.rawValue) == Array(51...100))
    }

    @Test("a segment whose first group is damaged still says which slots stand before it")
    func damagedFirstGroup() throws {
        let fixture = try LogFixture(policy: .cluster)
        let (log, _) = try fixture.open()
        try fill(log, 1...30)
        _ = log.stepMark()
        var image = fixture.fileSystem.image
        let files = try LogFiles(MemoryFileSystem(image: image), LogFixture.directory, isSyncing: false)
        for segment in files.segments[1...2] {
            image.damage(segment.path, at: Layout.firstGroupOffset + 9, flipping: 1)
        }
        let (reopened, recovered) = try LogFixture(image, policy: .cluster).open()
        // The first group restates the state, and holds no proposal.
        #expect(recovered.accepted.allSatisfy { $0.state == .whole } && recovered.report.damages.count == 2)
        // Without a bound of its own the second segment would let the first one go.
        reopened.retain(checkpoint: Slot(rawValue: 3), snapshot: Slot(rawValue: 3))
        while reopened.stepPreparer() {}
        for slot in 4...30 as ClosedRange<UInt64> {
            #expect(try reopened.bytes(slot)?.bytes == payload(slot, count: 5_000), "slot \(slot)")
        }
        reopened.retain(checkpoint: Slot(rawValue: 30), snapshot: Slot(rawValue: 30))
        while reopened.stepPreparer() {}
        #expect(reopened.status.segmentCount == 1)
    }

    @Test("nothing stands before the first segment of all, whether its first group is whole or not")
    func damagedFirstGroupOfAll() throws {
        let fixture = try LogFixture(policy: .cluster)
        let (log, _) = try fixture.open()
        try fill(log, 1...4)
        _ = log.stepMark()
        var image = fixture.fileSystem.image
        let files = try LogFiles(MemoryFileSystem(image: image), LogFixture.directory, isSyncing: false)
        image.damage(files.segments[0].path, at: Layout.firstGroupOffset + 9, flipping: 1)
        let (reopened, _) = try LogFixture(image, policy: .cluster).open()
        #expect(reopened.firstRetainedSlot == Slot(rawValue: 1))
    }

    @Test("the number of files stays bounded however long the log runs, and spares beyond the bound are removed")
    func bounded() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        for round in 0..<12 as Range<UInt64> {
            try fill(log, (round * 20 + 1)...(round * 20 + 20))
            let slot = Slot(rawValue: round * 20 + 15)
            log.retain(checkpoint: slot, snapshot: slot)
            while log.stepPreparer() {}
        }
        #expect(try fixture.fileSystem.list(LogFixture.directory).count < 10)
        #expect(log.status.spareCount <= 2)
        #expect(log.status.recycledSegmentCount > log.status.createdSegmentCount)
    }

    @Test("a tail is kept for peers")
    func tail() throws {
        var fixture = try LogFixture()
        fixture.options.retainedTailByteCount = 3 * 65_536
        let (log, _) = try fixture.open()
        try fill(log, 1...80)
        log.retain(checkpoint: Slot(rawValue: 80), snapshot: Slot(rawValue: 80))
        while log.stepPreparer() {}
        #expect(log.status.segmentCount == 4 || log.status.segmentCount == 5)
        // Six slots of this size fit into a segment; the last one has begun with slot 79.
        for slot in 61...80 as ClosedRange<UInt64> {
            #expect(try log.bytes(slot)?.bytes == payload(slot, count: 5_000))
        }
        #expect(try log.bytes(60) == nil)
    }

    @Test("bytes of a segment's earlier life are never taken for its later one")
    func generations() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try fill(log, 1...40)
        log.retain(checkpoint: Slot(rawValue: 36), snapshot: Slot(rawValue: 36))
        while log.stepPreparer() {}
        try fill(log, 41...43)
        #expect(log.status.recycledSegmentCount > 0)
        // Prepared segments are full of groups of their earlier lives.
        let recovered = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }).open(firstSlotNeeded: 37).1
        #expect(recovered.accepted.map(\.slot.rawValue) == Array(37...43))
        #expect(recovered.report.cut == nil)
    }

    @Test("a full disk refuses what is accepted, keeps a segment for promises, and goes on when there is room")
    func fullDisk() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try fill(log, 1...3)
        fixture.fileSystem.limit(toByteCount: 3 * 65_536)
        var slot: UInt64 = 4
        var refusal: LogRefusal?
        while refusal == nil, slot < 100 {
            do {
                try log.accept(slot, count: 5_000)
                log.flush()
                while log.stepPreparer() {}
                slot += 1
            } catch {
                refusal = error
            }
        }
        #expect(refusal == .noSpace)
        #expect(!log.hasRoom(forByteCount: 5_000))
        #expect(log.status.isShortOfSpace && log.status.preparedCount == 1)
        #expect(log.failure == nil)
        // Promises and chosen slots are still taken: as many as the rest of the segment and the reserve hold.
        for round in 2...14 as ClosedRange<UInt64> {
            let sequence = try log.append(promise: ballot(round))
            _ = try log.append(chosenThrough: Slot(rawValue: slot - 1), isUrgent: true)
            log.flush()
            #expect(log.durableSequence > sequence)
        }
        let crashed = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }).inspect()
        #expect(crashed.promised == ballot(14))
        #expect(crashed.accepted.count == Int(slot) - 1)
        fixture.fileSystem.limit(toByteCount: .max)
        while log.stepPreparer() {}
        #expect(!log.status.isShortOfSpace)
        try log.accept(slot, 14, count: 5_000)
        log.flush()
        #expect(try log.bytes(slot)?.bytes == payload(slot, 14, count: 5_000))
    }

    @Test("nothing is left behind of a segment for which there was no room")
    func noRest() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        fixture.fileSystem.inject(FaultInjection(.write, errno: .noSpace, pathPart: ".new", shortByteCount: 8192))
        #expect(!log.stepPreparer())
        #expect(log.status.isShortOfSpace && log.failure == nil)
        #expect(!(try fixture.fileSystem.list(LogFixture.directory).contains { $0.hasSuffix(".new") }))
        #expect(log.stepPreparer())
        #expect(!log.status.isShortOfSpace)
    }

    @Test("a directory without room for a first segment is refused with the reason")
    func noFirstSegment() throws {
        let fixture = try LogFixture()
        fixture.fileSystem.limit(toByteCount: 10_000)
        let error = #expect(throws: LogError.self) { _ = try fixture.open() }
        #expect(error?.description.contains("free space") == true)
    }

    @Test("a log opens on a full disk, and what it has is read")
    func opensFull() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try fill(log, 1...20)
        let full = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost })
        full.fileSystem.limit(toByteCount: 1)
        let (again, recovered) = try full.open()
        #expect(recovered.accepted.count == 20)
        #expect(try again.bytes(20)?.bytes == payload(20, count: 5_000))
    }
}
