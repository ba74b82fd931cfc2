import CoreTypes
import PosixIO
import SystemPackage
import Testing

@testable import DurableLog

@Suite("Opening a directory")
struct OpeningTests {
    /// A log of forty slots over several segments.
    private func make() throws -> LogFixture {
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        for slot in 1...40 as ClosedRange<UInt64> {
            try log.accept(slot, count: 5_000)
            log.flush()
        }
        while log.stepPreparer() {}
        return try LogFixture(fixture.fileSystem.image)
    }

    private func path(_ ordinal: UInt64) -> FilePath {
        LogFixture.directory.appending(SegmentName.log(ordinal).string)
    }

    @Test("an empty directory gets a log only if the caller says so")
    func mayCreate() throws {
        var fixture = try LogFixture()
        fixture.options.mayCreate = false
        #expect(throws: LogError.missing(directory: LogFixture.directory)) { _ = try fixture.open() }
        #expect(throws: LogError.missing(directory: LogFixture.directory)) { _ = try fixture.inspect() }
        #expect(try fixture.fileSystem.list(LogFixture.directory).isEmpty)
    }

    @Test("a log of another cluster or incarnation is refused, naming both")
    func identity() throws {
        var random = SplitMix64(seed: 5)
        let mine = LogIdentity(using: &random)
        let other = LogIdentity(using: &random)
        let fixture = try LogFixture()
        #expect(try fixture.open(identity: mine).1.identity == mine)
        let again = try LogFixture(fixture.fileSystem.image)
        let error = #expect(throws: LogError.self) { _ = try again.open(identity: other) }
        #expect(error?.description.contains(mine.clusterID.value.description) == true)
        #expect(error?.description.contains(other.incarnation.value.description) == true)
        #expect(try again.open(identity: mine).1.identity == mine)
    }

    @Test("a segment that is missing between others is named")
    func missingSegment() throws {
        let fixture = try make()
        var image = fixture.fileSystem.image
        image.lose(path(3))
        for policy in RecoveryPolicy.allCases {
            #expect(throws: LogError.missingSegment(path: path(3))) {
                _ = try LogFixture(image, policy: policy).open()
            }
        }
    }

    @Test("alone, first segments that were taken away show by the slots that are not there")
    func missingSlots() throws {
        let fixture = try make()
        var image = fixture.fileSystem.image
        image.lose(path(1))
        let error = #expect(throws: LogError.self) { _ = try LogFixture(image).open() }
        guard case .missingSlots(_, let first, _) = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(first.rawValue == 1)
        #expect(try LogFixture(image).open(firstSlotNeeded: 30).1.accepted.count == 11)
    }

    @Test("a segment of a later version is refused, naming the version")
    func newerVersion() throws {
        let fixture = try make()
        let header = SegmentHeader(
            ordinal: 9_999, generation: .none, segmentByteCount: 65_536,
            identity: LogIdentity(clusterID: ClusterID(.none), incarnation: Incarnation(.none)))
        let block = AlignedBuffer(byteCount: 4096)
        header.encode(into: block)
        block.store(littleEndian: UInt32(2), at: 12)
        block.store(littleEndian: crcOf(block, 12..<128), at: 8)
        try fixture.fileSystem.open(path(1), .write).write(block.bytes(0..<4096), at: 0)
        #expect(throws: LogError.newerVersion(path: path(1), version: 2)) { _ = try fixture.open() }
    }

    @Test("a file of the wrong size is refused")
    func wrongSize() throws {
        let fixture = try make()
        try fixture.fileSystem.open(path(2), .write).resize(to: 61_440)
        let error = #expect(throws: LogError.self) { _ = try fixture.open() }
        #expect(error?.description.contains("size") == true)
    }

    @Test("what the disk does not give is damage, and never an end")
    func unreadable() throws {
        let fixture = try make()
        let last = try fixture.fileSystem.list(LogFixture.directory).filter { $0.hasPrefix("log-") }.count
        // A group in the middle, and the block behind the last group.
        fixture.fileSystem.inject(
            FaultInjection(.read, errno: .ioError, isPersistent: true, pathPart: path(2).string, offsets: 8192..<8193))
        #expect(throws: LogError.self) { _ = try fixture.inspect() }
        let cluster = try LogFixture(fixture.fileSystem.image, policy: .cluster)
        cluster.fileSystem.inject(
            FaultInjection(.read, errno: .ioError, isPersistent: true, pathPart: path(2).string, offsets: 8192..<8193))
        let recovered = try cluster.inspect()
        #expect(recovered.accepted.filter { $0.state == .faulty }.count == 1)
        let files = try LogFiles(cluster.fileSystem, LogFixture.directory, isSyncing: false)
        var recovery = LogRecovery(
            policy: .alone, firstSlotNeeded: Slot(rawValue: 1), identity: recovered.identity)
        fixture.fileSystem.inject()
        try recovery.run(try LogFiles(fixture.fileSystem, LogFixture.directory, isSyncing: false))
        let end = recovery.position
        let endPath = try #require(end.segment?.path)
        #expect(files.segments.count == last)
        for policy in RecoveryPolicy.allCases {
            let broken = try LogFixture(fixture.fileSystem.image, policy: policy)
            broken.fileSystem.inject(
                FaultInjection(
                    .read, errno: .ioError, isPersistent: true, pathPart: endPath.string,
                    offsets: end.offset..<(end.offset + 1)))
            #expect(throws: LogError.self) { _ = try broken.inspect() }
            // Behind a block that was never written there is nothing to be lost.
            broken.fileSystem.inject(
                FaultInjection(
                    .read, errno: .ioError, isPersistent: true, pathPart: endPath.string,
                    offsets: (end.offset + 4_096)..<(end.offset + 4_097)))
            #expect(throws: Never.self) { _ = try broken.inspect() }
            // Behind anything else may have stood what proves that a group was there, and durable.
            let noise = [UInt8](repeating: 0x5A, count: 4_096)
            try broken.fileSystem.open(endPath, .write).write(noise.span.bytes, at: end.offset)
            #expect(throws: LogError.self) { _ = try broken.inspect() }
        }
    }

    @Test("the next group may stand at the beginning of the next segment, where the disk does not give it")
    func unreadableNextSegment() throws {
        for policy in RecoveryPolicy.allCases {
            let fixture = try LogFixture(policy: policy)
            let (log, _) = try fixture.open()
            var slot: UInt64 = 0
            repeat {
                slot += 1
                try log.accept(slot, count: 9_000)
                log.flush()
                while log.stepPreparer() {}
            } while log.status.segmentCount < 2
            // The group behind it is destroyed, so that nothing says that there was one.
            let second = try LogFiles(fixture.fileSystem, LogFixture.directory, isSyncing: false).segments[1]
            var scan = SegmentScan(second.file, second.path, second.header)
            try scan.scan()
            #expect(scan.groups.count == 2)
            let zeros = [UInt8](repeating: 0, count: 4_096)
            try fixture.fileSystem.open(second.path, .write).write(zeros.span.bytes, at: scan.groups[1].header.offset)
            fixture.fileSystem.inject(
                FaultInjection(
                    .read, errno: .ioError, isPersistent: true, pathPart: path(2).string,
                    offsets: Layout.firstGroupOffset..<(Layout.firstGroupOffset + 1)))
            #expect(throws: LogError.self) { _ = try fixture.inspect() }
        }
    }

    @Test("segments of another size are read, and new ones made as asked")
    func otherSize() throws {
        var fixture = try make()
        fixture.options.segmentByteCount = 131_072
        let (log, recovered) = try fixture.open()
        #expect(recovered.accepted.count == 40)
        for slot in 41...80 as ClosedRange<UInt64> {
            try log.accept(slot, count: 5_000)
            log.flush()
        }
        while log.stepPreparer() {}
        for slot in 1...80 as ClosedRange<UInt64> { #expect(try log.bytes(slot)?.bytes == payload(slot, count: 5_000)) }
        let sizes = fixture.fileSystem.image.paths.filter { $0.string.contains("log-") }
            .compactMap { fixture.fileSystem.image.byteCount(of: $0) }
        #expect(sizes.first == 65_536 && sizes.last == 131_072)
    }

    @Test("files that are none of the log's are left alone")
    func foreignFiles() throws {
        let fixture = try make()
        for name in ["notes.txt", "log-1", "log-00000000000000zz", "cut-0000000000000001"] {
            _ = try fixture.fileSystem.open(LogFixture.directory.appending(name), [.write, .create])
        }
        let (log, recovered) = try fixture.open()
        #expect(recovered.accepted.count == 40)
        while log.stepPreparer() {}
        #expect(try fixture.fileSystem.list(LogFixture.directory).contains("cut-0000000000000001"))
        #expect(try fixture.fileSystem.list(LogFixture.directory).contains("notes.txt"))
    }

    @Test("inspecting changes nothing")
    func inspecting() throws {
        let fixture = try make()
        fixture.fileSystem.record(true)
        #expect(try fixture.inspect().accepted.count == 40)
        let changing: [FileOperation] = [.create, .write, .sync, .rename, .remove, .resize, .allocate, .syncDirectory]
        #expect(!fixture.fileSystem.calls.contains { changing.contains($0.operation) })
    }

    @Test("every segment is synced before anything in it is read")
    func syncsFirst() throws {
        let fixture = try make()
        fixture.fileSystem.record(true)
        _ = try fixture.open()
        var synced: [FilePath] = []
        for call in fixture.fileSystem.calls {
            if call.operation == .sync { synced.append(call.path) }
            if call.operation == .read, call.path.string.contains("log-") { #expect(synced.contains(call.path)) }
        }
        #expect(synced.count > 3)
    }
}

func crcOf(_ buffer: AlignedBuffer, _ range: Range<Int>) -> UInt32 {
    let copy = [UInt8](copying: buffer.bytes(range))
    return checksum(copy)
}
