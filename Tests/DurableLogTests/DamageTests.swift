import CoreTypes
import PosixIO
import SystemPackage
import Testing

@testable import DurableLog

/// A small log whose every byte is known, to be damaged.
private struct Victim {
    let image: DiskImage
    let scans: [SegmentScan]
    static let slotCount: UInt64 = 24

    /// Slots 1 to 24 in groups of two, over several segments; slot 25 alone in the last group, with a mark behind it or
    /// not.
    init(isMarked: Bool) throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        for slot in 1...Self.slotCount {
            try log.accept(slot, slot > 12 ? 2 : 1, count: slot == 7 ? 9_000 : slot % 6 == 0 ? 4_100 : nil)
            if slot == 5 { _ = try log.append(membership: [UInt8]([9, 9]).span.bytes) }
            if slot % 2 == 0 { log.flush() }
        }
        try log.accept(25, 2)
        log.flush()
        if isMarked { log.stepMark() }
        image = fixture.fileSystem.image.crashed { _ in .lost }
        let files = try LogFiles(MemoryFileSystem(image: image), LogFixture.directory, isSyncing: false)
        scans = try files.segments.map { segment in
            var scan = SegmentScan(segment.file, segment.path, segment.header)
            try scan.scan()
            return scan
        }
    }

    static func round(_ slot: UInt64) -> UInt64 { slot > 12 ? 2 : 1 }

    func bytes(_ slot: UInt64) -> [UInt8] {
        payload(slot, Self.round(slot), count: slot == 7 ? 9_000 : slot % 6 == 0 && slot < 25 ? 4_100 : nil)
    }

    /// The log with bits flipped, inspected.
    func inspect(_ policy: RecoveryPolicy, _ path: FilePath, _ offset: UInt64, _ mask: UInt8) throws -> RecoveredLog {
        var damaged = image
        damaged.damage(path, at: offset, flipping: mask)
        return try LogFixture(damaged, policy: policy).inspect()
    }

    /// The group that holds a slot.
    func group(of slot: UInt64) -> (path: FilePath, group: ScannedGroup, slots: [UInt64])? {
        for scan in scans {
            for group in scan.groups {
                let slots = scan.records[group.records].map(\.slot.rawValue)
                if slots.contains(slot) { return (scan.path, group, slots) }
            }
        }
        return nil
    }
}

@Suite("Flipped bits")
struct DamageTests {
    /// What must hold whatever is damaged: an entry that is called whole is right.
    private func checkWhole(_ victim: Victim, _ image: DiskImage, _ policy: RecoveryPolicy) throws {
        let (log, recovered) = try LogFixture(image, policy: policy).open()
        for entry in recovered.accepted where entry.state == .whole {
            let slot = entry.slot.rawValue
            #expect(entry.ballot.round == Victim.round(slot))
            let read = try log.bytes(slot)
            #expect(read?.entry.state == .whole)
            #expect(read?.bytes == victim.bytes(slot))
        }
    }

    @Test("how far the log stands is known when the record of its last base is damaged", arguments: [false, true])
    func damagedBase(isMarked: Bool) throws {
        let fixture = try LogFixture(policy: .cluster)
        let (log, _) = try fixture.open()
        for slot in 1...4 as ClosedRange<UInt64> { try log.accept(slot) }
        log.flush()
        _ = try log.append(base: LogBase(slot: Slot(rawValue: 9), description: [7]))
        log.flush()
        if isMarked { log.stepMark() } else { _ = try log.append(promise: ballot(2)) }
        log.flush()
        let image = fixture.fileSystem.image.crashed { _ in .lost }
        let files = try LogFiles(MemoryFileSystem(image: image), LogFixture.directory, isSyncing: false)
        let segment = try #require(files.segments.first)
        var scan = SegmentScan(segment.file, segment.path, segment.header)
        try scan.scan()
        let group = try #require(scan.groups.first { $0.header.baseSlot == Slot(rawValue: 9) })
        let whole = try LogFixture(image, policy: .cluster).inspect()
        #expect(whole.base?.slot == Slot(rawValue: 9) && whole.reachedSlot == Slot(rawValue: 9))
        for offset in group.header.offset..<group.header.offset + 600 {
            var damaged = image
            damaged.damage(segment.path, at: offset, flipping: 1)
            let recovered = try LogFixture(damaged, policy: .cluster).inspect()
            #expect(recovered.highestSlot == Slot(rawValue: 4))
            #expect(recovered.reachedSlot == Slot(rawValue: 9), "offset \(offset)")
        }
    }

    @Test("a flipped bit in any byte of an acknowledged group is refused alone, and costs the right slots in a cluster")
    func everyByteOfAGroup() throws {
        let victim = try Victim(isMarked: true)
        let (path, group, slots) = try #require(victim.group(of: 9))
        let header = group.header
        let start = header.offset
        let tableEnd = header.tableOffset + Int(header.recordCount) * Layout.recordEntryByteCount
        for byte in 0..<header.byteCount where byte < tableEnd || byte % 97 == 0 {
            let mask = UInt8(1) << UInt8(byte % 8)
            let offset = start + UInt64(byte)
            if byte >= tableEnd {
                let recovered = try victim.inspect(.alone, path, offset, mask)
                #expect(recovered.accepted.allSatisfy { $0.state == .whole }, "padding, byte \(byte)")
                continue
            }
            #expect(throws: LogError.self, "byte \(byte)") { _ = try victim.inspect(.alone, path, offset, mask) }
            let recovered = try victim.inspect(.cluster, path, offset, mask)
            let faulty = recovered.accepted.filter { $0.state == .faulty }.map(\.slot.rawValue)
            if byte < Layout.groupHeaderByteCount || byte >= header.tableOffset {
                #expect(faulty == slots, "byte \(byte)")
            } else {
                #expect(faulty.count == 1 && slots.contains(faulty[0]), "byte \(byte)")
            }
            #expect(recovered.accepted.map(\.slot.rawValue) == Array(1...25), "byte \(byte)")
            #expect(recovered.promised.round == 2 && !recovered.mayMissRecords && !recovered.isStateUncertain)
            #expect(recovered.report.damages.count == 1 && recovered.report.damages[0].wasDurable)
        }
    }

    @Test("the error names file, offset and tool")
    func errorNamesPlace() throws {
        let victim = try Victim(isMarked: true)
        let (path, group, _) = try #require(victim.group(of: 9))
        do {
            _ = try victim.inspect(.alone, path, group.header.offset + 200, 1)
            Issue.record("opened")
        } catch let error as LogError {
            #expect(error.description.contains(path.string))
            #expect(error.description.contains("offset \(group.header.offset)"))
            #expect(error.description.contains("aviaryctl"))
            #expect(error.description.contains("slot 9"))
        }
    }

    @Test("the last group with a mark behind it is acknowledged for certain; the mark itself may be lost")
    func marked() throws {
        let victim = try Victim(isMarked: true)
        let (path, group, _) = try #require(victim.group(of: 25))
        for byte in [0, 30, 100, Layout.groupHeaderByteCount + 3, group.header.tableOffset + 1] {
            let offset = group.header.offset + UInt64(byte)
            #expect(throws: LogError.self) { _ = try victim.inspect(.alone, path, offset, 4) }
            let recovered = try victim.inspect(.cluster, path, offset, 4)
            #expect(recovered.accepted.last?.state == .faulty && recovered.accepted.last?.slot.rawValue == 25)
        }
        for byte in stride(from: 0, to: 160, by: 7) {
            let recovered = try victim.inspect(.alone, path, group.end + UInt64(byte), 1)
            #expect(recovered.accepted.count == 25)
        }
    }

    @Test("the last group without a mark: header bad, it is cut; payload bad, it may have been acknowledged")
    func unmarked() throws {
        let victim = try Victim(isMarked: false)
        let (path, group, _) = try #require(victim.group(of: 25))
        for byte in 0..<160 {
            for policy in RecoveryPolicy.allCases {
                let recovered = try victim.inspect(policy, path, group.header.offset + UInt64(byte), 1)
                #expect(recovered.accepted.count == 24, "byte \(byte)")
            }
        }
        for byte in [160, 165, group.header.tableOffset, group.header.tableOffset + 31] {
            let offset = group.header.offset + UInt64(byte)
            let alone = try victim.inspect(.alone, path, offset, 1)
            #expect(alone.accepted.count == 24)
            #expect(alone.report.cut?.mayHaveBeenAcknowledged == true)
            #expect(alone.report.cut?.slots == 25...25)
            #expect(alone.report.summary.contains("POSSIBLY ACKNOWLEDGED"))
            let cluster = try victim.inspect(.cluster, path, offset, 1)
            #expect(cluster.accepted.last?.state == .faulty && cluster.accepted.count == 25)
        }
    }

    @Test("a cut is durable, keeps what it cut to be looked at, and the log goes on behind it")
    func goesOn() throws {
        let victim = try Victim(isMarked: false)
        let (path, group, _) = try #require(victim.group(of: 25))
        for byte in [5, 170] as [UInt64] {
            var image = victim.image
            image.damage(path, at: group.header.offset + byte, flipping: 1)
            let fixture = try LogFixture(image)
            let (log, recovered) = try fixture.open()
            #expect(recovered.report.cut?.mayHaveBeenAcknowledged == (byte == 170))
            if byte == 170 {
                let left = fixture.fileSystem.image.bytes(of: path)[Int(group.header.offset)...].prefix(4)
                #expect(Array(left) == Array("AvGr".utf8))
            }
            try log.accept(25, 3)
            log.flush()
            let (again, found) = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }).open()
            #expect(found.accepted.map(\.slot.rawValue) == Array(1...25))
            #expect(found.report.cut == nil)
            #expect(try again.bytes(25)?.bytes == payload(25, 3))
        }
    }

    @Test("what recovery has found is followed by a mark: damaged later, it is missed")
    func markAfterRecovery() throws {
        let victim = try Victim(isMarked: false)
        let (path, group, _) = try #require(victim.group(of: 25))
        let fixture = try LogFixture(victim.image)
        #expect(try fixture.open().1.accepted.count == 25)
        var image = fixture.fileSystem.image.crashed { _ in .lost }
        image.damage(path, at: group.header.offset, flipping: 1)
        #expect(throws: LogError.self) { _ = try LogFixture(image).inspect() }
    }

    @Test("one copy of a segment's header is enough; without both the segment is refused")
    func segmentHeaders() throws {
        let victim = try Victim(isMarked: true)
        for scan in victim.scans {
            for byte in stride(from: 0, to: UInt64(128), by: 5) {
                for copy in [0, scan.header.segmentByteCount - 4096] {
                    let recovered = try victim.inspect(.alone, scan.path, copy + byte, 2)
                    #expect(recovered.accepted.count == 25)
                    #expect(recovered.report.damages.map(\.part) == [.oneSegmentHeader])
                }
            }
            #expect(try victim.inspect(.alone, scan.path, 129, 2).report.damages.isEmpty)
            var image = victim.image
            image.damage(scan.path, at: 20, flipping: 1)
            image.damage(scan.path, at: scan.header.segmentByteCount - 4096 + 20, flipping: 1)
            for policy in RecoveryPolicy.allCases {
                let damage = LogDamage(path: scan.path, offset: 0, part: .segmentHeader, wasDurable: true)
                #expect(throws: LogError.damaged(damage)) { _ = try LogFixture(image, policy: policy).inspect() }
            }
        }
    }

    @Test("the first group of any segment is damaged like any other one")
    func firstGroups() throws {
        let victim = try Victim(isMarked: true)
        for scan in victim.scans where !scan.groups.isEmpty {
            for byte in [3, 100, 165] as [UInt64] {
                #expect(throws: LogError.self) { _ = try victim.inspect(.alone, scan.path, 4096 + byte, 1) }
                let recovered = try victim.inspect(.cluster, scan.path, 4096 + byte, 1)
                #expect(recovered.accepted.map(\.slot.rawValue) == Array(1...25))
                #expect(recovered.accepted.allSatisfy { $0.state == .whole })
                #expect(!recovered.report.damages.isEmpty)
            }
        }
    }

    @Test("several groups that are destroyed make those slots suspect that they can have held, and no others")
    func severalGroups() throws {
        let victim = try Victim(isMarked: true)
        var image = victim.image
        for slot in [23, 25] as [UInt64] {
            let (path, group, _) = try #require(victim.group(of: slot))
            image.damage(path, at: group.header.offset, flipping: 1)
        }
        let recovered = try LogFixture(image, policy: .cluster).inspect()
        #expect(!recovered.mayMissRecords)
        #expect(recovered.isStateUncertain)
        #expect(recovered.highestSlot.rawValue == 25)
        for entry in recovered.accepted {
            // What stands under the highest ballot has not been superseded; what stands under a lower one may have been.
            let slot = entry.slot.rawValue
            #expect(entry.state == (slot > 22 ? .faulty : slot > 12 ? .whole : .uncertain), "slot \(slot)")
            #expect(entry.ballot == ballot(slot > 12 ? 2 : 1))
        }
        #expect(recovered.accepted.map(\.slot.rawValue) == Array(1...25))
        #expect(throws: LogError.self) { _ = try LogFixture(image, policy: .alone).inspect() }
    }

    @Test("what was known to be chosen before several groups were destroyed is not suspected")
    func severalGroupsBehindChosen() throws {
        let fixture = try LogFixture(policy: .cluster)
        let (log, _) = try fixture.open()
        for slot in 1...12 as ClosedRange<UInt64> {
            try log.accept(slot, slot > 8 ? 2 : 1)
            if slot == 5 { _ = try log.append(chosenThrough: Slot(rawValue: 4)) }
            log.flush()
        }
        _ = log.stepMark()
        var image = fixture.fileSystem.image
        let files = try LogFiles(MemoryFileSystem(image: image), LogFixture.directory, isSyncing: false)
        var scan = SegmentScan(files.segments[0].file, files.segments[0].path, files.segments[0].header)
        try scan.scan()
        let groups = scan.groups.filter { (9...11).contains($0.header.summary.highestSlot.rawValue) }
        #expect(groups.count == 3)
        for group in groups { image.damage(scan.path, at: group.header.offset + 9, flipping: 1) }
        let (reopened, recovered) = try LogFixture(image, policy: .cluster).open()
        let states = recovered.accepted.map(\.state)
        #expect(states[..<4].allSatisfy { $0 == .whole })
        #expect(states[4..<8].allSatisfy { $0 == .uncertain })
        #expect(states[8..<11].allSatisfy { $0 == .faulty })
        #expect(states[11] == .whole)
        #expect(try reopened.bytes(6)?.bytes == payload(6, 1))
    }

    @Test("a block that nobody asked for may be unreadable; one that was asked for costs its own slots")
    func unreadableWhileOpen() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        for slot in 1...8 as ClosedRange<UInt64> {
            try log.accept(slot, count: 3_000)
            log.flush()
        }
        let files = try LogFiles(fixture.fileSystem, LogFixture.directory, isSyncing: false)
        var scan = SegmentScan(files.segments[0].file, files.segments[0].path, files.segments[0].header)
        try scan.scan()
        let bad = try #require(scan.groups.first { $0.header.summary.highestSlot.rawValue == 6 }).header.offset
        fixture.fileSystem.inject(
            FaultInjection(.read, errno: .ioError, isPersistent: true, offsets: bad..<(bad + 4_096)))
        for slot in 1...8 as ClosedRange<UInt64> {
            let read = try log.bytes(slot)
            #expect(read?.entry.state == (slot == 6 ? .faulty : .whole), "slot \(slot)")
            if slot != 6 { #expect(read?.bytes == payload(slot, count: 3_000)) }
        }
        fixture.fileSystem.inject()
        #expect(try log.bytes(6)?.entry.state == .whole)
    }

    @Test("a faulty slot is whole again when it was repaired")
    func repair() throws {
        let victim = try Victim(isMarked: true)
        let (path, group, slots) = try #require(victim.group(of: 9))
        var image = victim.image
        image.damage(path, at: group.header.offset, flipping: 1)
        let fixture = try LogFixture(image, policy: .cluster)
        let (log, recovered) = try fixture.open()
        #expect(recovered.accepted.filter { $0.state == .faulty }.map(\.slot.rawValue) == slots)
        for slot in slots { try log.accept(slot, 1, count: victim.bytes(slot).count) }
        log.flush()
        for slot in slots { #expect(try log.bytes(slot)?.bytes == victim.bytes(slot)) }
        let repaired = try LogFixture(fixture.fileSystem.image, policy: .cluster).inspect()
        #expect(repaired.accepted.allSatisfy { $0.state == .whole })
    }

    @Test("a faulty record is read as faulty, and its neighbours as whole")
    func readsFaulty() throws {
        let victim = try Victim(isMarked: true)
        let (path, group, _) = try #require(victim.group(of: 9))
        var image = victim.image
        image.damage(path, at: group.header.offset + 161, flipping: 1)
        try checkWhole(victim, image, .cluster)
        let (log, _) = try LogFixture(image, policy: .cluster).open()
        #expect(try log.bytes(9)?.entry.state == .faulty)
        #expect(try log.bytes(9)?.bytes == [])
        #expect(try log.bytes(10)?.entry.state == .whole)
    }

    @Test("damage after opening is found when a slot is read")
    func damageWhileOpen() throws {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try log.accept(1)
        log.flush()
        let files = try LogFiles(fixture.fileSystem, LogFixture.directory, isSyncing: false)
        try fixture.fileSystem.open(files.segments[0].path, .write).write(
            [UInt8]([0xEE]).span.bytes, at: 3 * 4096 + 170)
        #expect(try log.bytes(1)?.entry.state == .faulty)
    }

    @Test("the scrub finds every kind of damage in an open log, and nothing else")
    func scrub() throws {
        let victim = try Victim(isMarked: true)
        let fixture = try LogFixture(victim.image)
        let (log, _) = try fixture.open()
        let scrub = log.makeScrub()
        func round() throws -> [LogDamage] {
            var damages: [LogDamage] = []
            var segments: [UInt64] = []
            while let finding = try scrub.step() {
                damages += finding.damages
                segments.append(finding.segmentOrdinal)
            }
            #expect(segments == Array(1...UInt64(log.status.segmentCount)))
            return damages
        }
        #expect(try round().isEmpty)
        let (path, group, _) = try #require(victim.group(of: 9))
        let (_, last, _) = try #require(victim.group(of: 25))
        let lastPath = try #require(victim.group(of: 25)?.path)
        let block = group.header.offset
        let damaged: [(FilePath, UInt64, LogDamage.Part)] = [
            (path, 30, .oneSegmentHeader),
            (path, block + 10, .groups(first: group.header.ordinal, last: group.header.ordinal)),
            (path, block + 161, .payload(Slot(rawValue: 9))),
            (path, block + UInt64(group.header.tableOffset), .recordTable),
            (lastPath, last.header.offset + 8, .groups(first: last.header.ordinal, last: last.header.ordinal)),
            (lastPath, last.end + 8, .groups(first: last.header.ordinal + 1, last: last.header.ordinal + 1)),
        ]
        for (path, offset, part) in damaged {
            let file = try fixture.fileSystem.open(path, .write)
            let old = [UInt8](fixture.fileSystem.image.bytes(of: path)[Int(offset)...Int(offset)])
            try file.write([old[0] ^ 1].span.bytes, at: offset)
            #expect(try round().map(\.part) == [part])
            try file.write(old.span.bytes, at: offset)
        }
        #expect(try round().isEmpty)
    }

    @Test("random damage of every kind never gives wrong bytes", arguments: 1...40 as ClosedRange<UInt64>)
    func randomDamage(seed: UInt64) throws {
        let victim = try Victim(isMarked: seed % 2 == 0)
        var random = SplitMix64(seed: seed)
        var image = victim.image
        let paths = image.paths
        for _ in 0...(random.next() % 6) {
            let path = paths[Int(random.next() % UInt64(paths.count))]
            let start = random.next() % 65_536
            for offset in start..<min(65_536, start + random.next() % 600) {
                image.damage(path, at: offset, flipping: UInt8(truncatingIfNeeded: random.next()) | 1)
            }
        }
        for policy in RecoveryPolicy.allCases {
            do {
                try checkWhole(victim, image, policy)
            } catch is LogError {
                continue
            }
        }
    }
}
