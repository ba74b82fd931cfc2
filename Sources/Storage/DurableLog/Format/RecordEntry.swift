internal import Checksums
internal import CoreTypes
internal import PosixIO

/// One line of a group's record table: what a record is and where its payload lies. Trivial: copied freely.
///
/// The table stands apart from the payloads and has a checksum of its own, so that a damaged payload still has a
/// trusted name.
struct RecordEntry: Equatable, Sendable {
    var slot: Slot
    var ballot: Ballot
    var kind: RecordKind
    /// From the start of the group.
    var payloadOffset: UInt32
    var byteCount: UInt32

    func encode(into buffer: AlignedBuffer, at offset: Int, checksum: UInt32) {
        buffer.store(littleEndian: slot.rawValue, at: offset)
        buffer.store(littleEndian: ballot.round, at: offset + 8)
        buffer.store(littleEndian: payloadOffset, at: offset + 16)
        buffer.store(littleEndian: byteCount, at: offset + 20)
        buffer.store(littleEndian: checksum, at: offset + 24)
        buffer.store(littleEndian: ballot.replica.rawValue, at: offset + 28)
        buffer.store(littleEndian: kind.rawValue, at: offset + 29)
        buffer.store(littleEndian: UInt16(0), at: offset + 30)
    }

    init(slot: Slot, ballot: Ballot, kind: RecordKind, payloadOffset: Int, byteCount: Int) {
        self.slot = slot
        self.ballot = ballot
        self.kind = kind
        self.payloadOffset = UInt32(payloadOffset)
        self.byteCount = UInt32(byteCount)
    }

    /// Reads an entry from any bytes; nil if its kind is unknown or its payload lies outside the group's.
    init?(decoding bytes: RawSpan, at offset: Int, header: GroupHeader) {
        guard let kind = RecordKind(rawValue: bytes.uint8(at: offset + 29)) else { return nil }
        self.kind = kind
        slot = Slot(rawValue: bytes.uint64(at: offset))
        ballot = Ballot(
            round: bytes.uint64(at: offset + 8), replica: ReplicaID(rawValue: bytes.uint8(at: offset + 28)))
        payloadOffset = bytes.uint32(at: offset + 16)
        byteCount = bytes.uint32(at: offset + 20)
        guard Int(payloadOffset) >= Layout.groupHeaderByteCount,
            Int(payloadOffset) + Int(byteCount) <= header.tableOffset
        else { return nil }
    }

    /// The payload's checksum, as an entry's bytes say it.
    static func checksum(decoding bytes: RawSpan, at offset: Int) -> UInt32 { bytes.uint32(at: offset + 24) }

    /// The payload's place in the group.
    var payloadRange: Range<Int> { Int(payloadOffset)..<(Int(payloadOffset) + Int(byteCount)) }
}
