internal import Checksums
internal import CoreTypes
internal import PosixIO

/// The first 160 bytes of a group: where it belongs, what it holds, and what was true when it was written.
struct GroupHeader: Equatable, Sendable {
    var generation: Identifier128
    /// The number of the group in the log, from 1, without gaps.
    var ordinal: UInt64
    /// Where it stands in its file: a group that the disk put elsewhere is noticed.
    var offset: UInt64
    /// Bytes of all records' payloads, which follow the header.
    var payloadByteCount: UInt32
    /// Entries of the record table, which follows the payloads.
    var recordCount: UInt32
    var tableChecksum: UInt32
    /// `chainValue` of the group before it.
    var chain: UInt64
    /// The last group that was known durable when this one was written.
    var durableThrough: UInt64
    /// The highest ballot promised.
    var promised: Ballot
    /// Every slot up to here was known chosen.
    var chosenThrough: Slot
    /// The highest slot accepted by this group or any before it.
    var highestSlot: Slot
    /// The slot of the last base in this group or any before it; 0 if there was none.
    var baseSlot: Slot
    var summary: GroupSummary
    /// The summary of the group before it.
    var previous: GroupSummary
    var flags: GroupFlags

    /// Bytes on disk, padding included.
    var byteCount: Int {
        Layout.groupByteCount(payloadByteCount: Int(payloadByteCount), recordCount: Int(recordCount))
    }

    var tableOffset: Int { Layout.groupHeaderByteCount + Int(payloadByteCount) }

    /// Writes the header to the front of a buffer and returns the chain value for the group after it.
    func encode(into buffer: AlignedBuffer) -> UInt64 {
        buffer.fillWithZeros(0..<Layout.groupHeaderByteCount)
        buffer.store(littleEndian: Layout.groupMagic, at: 0)
        buffer.store(identifier: generation, at: 8)
        buffer.store(littleEndian: ordinal, at: 24)
        buffer.store(littleEndian: offset, at: 32)
        buffer.store(littleEndian: payloadByteCount, at: 40)
        buffer.store(littleEndian: recordCount, at: 44)
        buffer.store(littleEndian: tableChecksum, at: 48)
        buffer.store(littleEndian: flags.rawValue, at: 52)
        buffer.store(littleEndian: promised.replica.rawValue, at: 53)
        buffer.store(littleEndian: summary.ballot.replica.rawValue, at: 54)
        buffer.store(littleEndian: previous.ballot.replica.rawValue, at: 55)
        buffer.store(littleEndian: chain, at: 56)
        buffer.store(littleEndian: durableThrough, at: 64)
        buffer.store(littleEndian: promised.round, at: 72)
        buffer.store(littleEndian: chosenThrough.rawValue, at: 80)
        buffer.store(littleEndian: highestSlot.rawValue, at: 88)
        buffer.store(littleEndian: summary.lowestSlot.rawValue, at: 96)
        buffer.store(littleEndian: summary.highestSlot.rawValue, at: 104)
        buffer.store(littleEndian: summary.ballot.round, at: 112)
        buffer.store(littleEndian: previous.lowestSlot.rawValue, at: 120)
        buffer.store(littleEndian: previous.highestSlot.rawValue, at: 128)
        buffer.store(littleEndian: previous.ballot.round, at: 136)
        let state = UInt8(summary.holdsState ? 1 : 0) | UInt8(previous.holdsState ? 2 : 0)
        buffer.store(littleEndian: state, at: 144)
        buffer.store(littleEndian: baseSlot.rawValue, at: 152)
        buffer.store(littleEndian: crc32c(buffer.bytes(8..<Layout.groupHeaderByteCount)), at: 4)
        return Self.chainValue(buffer.bytes(0..<Layout.groupHeaderByteCount))
    }

    /// What the next group says of this one: a hash of its header, which covers its table and so its payloads.
    static func chainValue(_ header: RawSpan) -> UInt64 { hash64(header) }

    /// Reads a header from the front of any bytes; nil if they are none, or one of another place or life.
    init?(decoding bytes: RawSpan, generation: Identifier128, at offset: UInt64, groupsEnd: UInt64) {
        guard bytes.byteCount >= Layout.groupHeaderByteCount,
            bytes.uint32(at: 0) == Layout.groupMagic,
            bytes.identifier(at: 8) == generation,
            bytes.uint64(at: 32) == offset,
            bytes.uint32(at: 4) == crc32c(bytes.extracting(8..<Layout.groupHeaderByteCount))
        else { return nil }
        self.generation = generation
        self.offset = offset
        ordinal = bytes.uint64(at: 24)
        payloadByteCount = bytes.uint32(at: 40)
        recordCount = bytes.uint32(at: 44)
        tableChecksum = bytes.uint32(at: 48)
        flags = GroupFlags(rawValue: bytes.uint8(at: 52))
        chain = bytes.uint64(at: 56)
        durableThrough = bytes.uint64(at: 64)
        promised = bytes.ballot(round: 72, replica: 53)
        chosenThrough = Slot(rawValue: bytes.uint64(at: 80))
        highestSlot = Slot(rawValue: bytes.uint64(at: 88))
        baseSlot = Slot(rawValue: bytes.uint64(at: 152))
        summary = bytes.summary(at: 96, replica: 54, stateBit: 1)
        previous = bytes.summary(at: 120, replica: 55, stateBit: 2)
        // Counts of 32 bits cannot overflow these sums.
        guard offset <= groupsEnd, UInt64(byteCount) <= groupsEnd - offset, ordinal > 0,
            summary.lowestSlot <= summary.highestSlot, previous.lowestSlot <= previous.highestSlot,
            GroupFlags.known.isSuperset(of: flags)
        else { return nil }
    }

    init(
        generation: Identifier128, ordinal: UInt64, offset: UInt64, payloadByteCount: Int, recordCount: Int,
        summary: GroupSummary, flags: GroupFlags
    ) {
        self.generation = generation
        self.ordinal = ordinal
        self.offset = offset
        self.payloadByteCount = UInt32(payloadByteCount)
        self.recordCount = UInt32(recordCount)
        self.summary = summary
        self.flags = flags
        tableChecksum = 0
        chain = 0
        durableThrough = 0
        promised = .none
        chosenThrough = .none
        highestSlot = .none
        baseSlot = .none
        previous = GroupSummary()
    }
}

extension RawSpan {
    fileprivate func ballot(round: Int, replica: Int) -> Ballot {
        Ballot(round: uint64(at: round), replica: ReplicaID(rawValue: uint8(at: replica)))
    }

    fileprivate func summary(at offset: Int, replica: Int, stateBit: UInt8) -> GroupSummary {
        GroupSummary(
            lowestSlot: Slot(rawValue: uint64(at: offset)), highestSlot: Slot(rawValue: uint64(at: offset + 8)),
            ballot: ballot(round: offset + 16, replica: replica), holdsState: uint8(at: 144) & stateBit != 0)
    }
}
