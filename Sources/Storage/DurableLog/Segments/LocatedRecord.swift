internal import CoreTypes

/// Where the payload of a proposal lies in its segment. Trivial: segments keep arrays of it.
struct LocatedRecord: Sendable {
    var slot: Slot
    var ballot: Ballot
    var kind: RecordKind
    /// Recovery found its payload damaged.
    var isDamaged: Bool
    /// From the start of the file.
    var offset: UInt64
    var byteCount: UInt32
    var checksum: UInt32

    init(_ entry: RecordEntry, checksum: UInt32, groupOffset: UInt64, isDamaged: Bool = false) {
        slot = entry.slot
        ballot = entry.ballot
        kind = entry.kind
        offset = groupOffset + UInt64(entry.payloadOffset)
        byteCount = entry.byteCount
        self.checksum = checksum
        self.isDamaged = isDamaged
    }

    /// Does this record, which was written later, stand for the slot instead of another one?
    ///
    /// A chosen record stands above accepted ones, a higher ballot above a lower one, and a later record above an
    /// earlier one of the same ballot, which has the same value.
    func supersedes(_ other: LocatedRecord) -> Bool {
        if kind != other.kind { return kind == .chosen }
        return kind == .chosen || ballot >= other.ballot
    }
}
