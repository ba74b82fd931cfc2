import CoreTypes
import PosixIO
import Testing

@testable import DurableLog

@Suite("The format of a segment")
struct FormatTests {
    private let generation = Identifier128(high: 0x1122_3344_5566_7788, low: 0x99AA_BBCC_DDEE_FF00)

    private func header() -> GroupHeader {
        var header = GroupHeader(
            generation: generation, ordinal: 77, offset: 8192, payloadByteCount: 300, recordCount: 2,
            summary: GroupSummary(
                lowestSlot: Slot(rawValue: 5), highestSlot: Slot(rawValue: 9), ballot: ballot(3), holdsState: true),
            flags: [.mark, .cleanStop])
        header.tableChecksum = 0xDEAD_BEEF
        header.chain = 0x0102_0304_0506_0708
        header.durableThrough = 76
        header.promised = Ballot(round: 4, replica: ReplicaID(rawValue: 3))
        header.chosenThrough = Slot(rawValue: 8)
        header.highestSlot = Slot(rawValue: 9)
        header.baseSlot = Slot(rawValue: 3)
        header.previous = GroupSummary(lowestSlot: Slot(rawValue: 1), highestSlot: Slot(rawValue: 4), ballot: ballot(2))
        return header
    }

    private func decode(_ bytes: [UInt8], at offset: UInt64 = 8192) -> GroupHeader? {
        GroupHeader(decoding: bytes.span.bytes, generation: generation, at: offset, groupsEnd: 61_440)
    }

    @Test("a group header comes back as it was written, at its own place only")
    func groupHeader() {
        let buffer = AlignedBuffer(byteCount: 4096)
        _ = header().encode(into: buffer)
        let bytes = [UInt8](copying: buffer.bytes(0..<Layout.groupHeaderByteCount))
        #expect(decode(bytes) == header())
        #expect(decode(bytes, at: 12_288) == nil)
        #expect(decode(Array(bytes.dropLast())) == nil)
        let other = GroupHeader(
            decoding: bytes.span.bytes, generation: Identifier128(high: 1, low: 2), at: 8192, groupsEnd: 61_440)
        #expect(other == nil)
    }

    @Test("no single flipped bit of a header is overlooked")
    func everyBit() {
        let buffer = AlignedBuffer(byteCount: 4096)
        _ = header().encode(into: buffer)
        let bytes = [UInt8](copying: buffer.bytes(0..<Layout.groupHeaderByteCount))
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(decode(flipped) == nil, "bit \(bit)")
        }
    }

    @Test("a header that reaches beyond its segment is none, even with a checksum that fits")
    func overlong() {
        for (payload, records) in [(53_249, 0), (0, 1_700), (Int(UInt32.max), Int(UInt32.max))] {
            var header = header()
            header.payloadByteCount = UInt32(payload)
            header.recordCount = UInt32(records)
            let buffer = AlignedBuffer(byteCount: 4096)
            _ = header.encode(into: buffer)
            #expect(decode([UInt8](copying: buffer.bytes(0..<Layout.groupHeaderByteCount))) == nil)
        }
    }

    @Test("names of files are read exactly as they are written")
    func names() {
        for name in [SegmentName.log(1), .log(.max), .spare(0xABC), .new(7), .cut(9)] {
            #expect(SegmentName(name.string) == name)
        }
        #expect(SegmentName.log(255).string == "log-00000000000000ff")
        for name in ["log-1", "log-00000000000000FF", "log-00000000000000ff.new", "log--0000000000000ff", "log-", "x"] {
            #expect(SegmentName(name) == nil, "\(name)")
        }
    }

    @Test("a state record comes back, and cut short it is none")
    func stateRecord() {
        let states = [
            StateRecord(
                previousLowestSlot: Slot(rawValue: 3), previousHighestSlot: Slot(rawValue: 9), membership: [1, 2],
                base: LogBase(slot: Slot(rawValue: 2), description: [3])),
            StateRecord(previousLowestSlot: .none, previousHighestSlot: .none, membership: [], base: nil),
        ]
        for state in states {
            let builder = ByteBuilder()
            state.encode(into: builder)
            #expect(StateRecord(decoding: builder.bytes) == state)
            for count in 0..<builder.count {
                #expect(StateRecord(decoding: builder.bytes.extracting(0..<count)) == nil)
            }
        }
    }

    @Test("random bytes are never a record of any kind, and never a trap", arguments: 1...8 as ClosedRange<UInt64>)
    func fuzz(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<400 {
            let bytes = (0..<Int(random.next() % 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(decode(bytes) == nil)
            #expect(throws: SegmentHeader.Flaw.damaged) { _ = try SegmentHeader(decoding: bytes.span.bytes) }
            _ = StateRecord(decoding: bytes.span.bytes)
            if bytes.count >= Layout.recordEntryByteCount {
                _ = RecordEntry(decoding: bytes.span.bytes, at: 0, header: header())
            }
        }
    }

    /// Writes a header with a checksum that fits over hostile content, behind a whole group, and scans the segment.
    @Test("hostile groups with checksums that fit do not trap a scan", arguments: 1...60 as ClosedRange<UInt64>)
    func hostileGroups(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let fixture = try LogFixture()
        let (log, _) = try fixture.open()
        try log.accept(1)
        log.flush()
        let files = try LogFiles(fixture.fileSystem, LogFixture.directory, isSyncing: false)
        let segment = files.segments[0]
        let offset: UInt64 = 4096 * 4
        let buffer = AlignedBuffer(byteCount: 8192)
        for place in stride(from: 0, to: 8192, by: 8) { buffer.store(littleEndian: random.next(), at: place) }
        var header = GroupHeader(
            generation: segment.header.generation, ordinal: random.next() % 8, offset: offset,
            payloadByteCount: Int(random.next() % 4_000), recordCount: Int(random.next() % 40),
            summary: GroupSummary(
                lowestSlot: Slot(rawValue: random.next() >> (random.next() % 64)), highestSlot: Slot(rawValue: .max),
                ballot: ballot(random.next())),
            flags: GroupFlags(rawValue: UInt8(truncatingIfNeeded: random.next() & 15)))
        header.durableThrough = random.next() % 9
        header.promised = ballot(random.next())
        header.highestSlot = Slot(rawValue: random.next())
        let table = header.tableOffset..<(header.tableOffset + Int(header.recordCount) * Layout.recordEntryByteCount)
        for place in 0..<Int(header.recordCount) where random.next() & 1 == 0 {
            // Kinds that exist, places that mostly do not.
            buffer.store(littleEndian: UInt8(random.next() % 6), at: table.lowerBound + place * 32 + 29)
        }
        header.tableChecksum = crcOf(buffer, table)
        _ = header.encode(into: buffer)
        try fixture.fileSystem.open(segment.path, .write).write(buffer.bytes(0..<8192), at: offset)
        for policy in RecoveryPolicy.allCases {
            do {
                let (log, recovered) = try LogFixture(fixture.fileSystem.image, policy: policy).open()
                #expect(recovered.accepted.first?.slot.rawValue == 1)
                #expect(try log.bytes(1)?.bytes == payload(1))
            } catch is LogError {
                continue
            }
        }
    }
}
