internal import Checksums
internal import CoreTypes
internal import PosixIO
internal import SystemPackage

/// Everything in one segment file that has a whole group header, in the order of the file.
///
/// Reads only; judges nothing. Groups are looked for one behind the other, and where no header stands, at every block
/// from there on: generation, own offset and checksum tell a header from anything else.
struct SegmentScan {
    let header: SegmentHeader
    let path: FilePath
    let file: any File
    private(set) var groups: [ScannedGroup] = []
    private(set) var records: [LocatedRecord] = []
    /// The first block behind the last group that the disk does not give and in which a group may have stood, or nil.
    private(set) var unreadableOffset: UInt64?
    private(set) var scannedByteCount: UInt64 = 0

    /// How far is looked for groups in a segment that does not begin with one: beyond the first group, which restates
    /// the state, and one of the usual size behind it.
    private static let searchByteCount: UInt64 = 2 * 1_048_576

    init(_ file: any File, _ path: FilePath, _ header: SegmentHeader) {
        self.file = file
        self.path = path
        self.header = header
    }

    /// Reads the whole segment.
    mutating func scan() throws(FileError) {
        let window = SegmentWindow(file, byteCount: header.segmentByteCount)
        let end = Layout.groupsEnd(segmentByteCount: header.segmentByteCount)
        let block = UInt64(Layout.blockByteCount)
        var offset = Layout.firstGroupOffset
        while offset + block <= end {
            if groups.isEmpty, offset >= Layout.firstGroupOffset + Self.searchByteCount { break }
            guard try window.load(offset, Layout.blockByteCount) else { break }
            scannedByteCount = offset + block
            if let group = try group(at: offset, end, window) {
                groups.append(group)
                offset = group.end
            } else {
                offset += block
            }
        }
        try findUnreadable(behind: groups.last?.end ?? Layout.firstGroupOffset, end, window)
    }

    /// Groups stand without gaps: if the block behind the last one was never written in this life of the segment, nothing
    /// was behind it. Else a group may have stood there whose header is destroyed, and in what cannot be read the proof
    /// that it was durable.
    private mutating func findUnreadable(behind: UInt64, _ end: UInt64, _ window: SegmentWindow) throws(FileError) {
        guard let first = window.unreadableBlocks.first(where: { $0 >= behind }) else { return }
        if first > behind, try window.load(behind, Layout.blockByteCount) {
            let bytes = window.bytes(behind, Layout.blockByteCount)
            let isZero = stride(from: 0, to: Layout.blockByteCount, by: 8).allSatisfy { bytes.uint64(at: $0) == 0 }
            let generation = bytes.identifier(at: 8)
            let earlier = GroupHeader(decoding: bytes, generation: generation, at: behind, groupsEnd: end)
            if isZero || generation != header.generation && earlier != nil { return }
        }
        unreadableOffset = first
    }

    /// The proposals of all groups with lower numbers than this one.
    func records(before ordinal: UInt64) -> [LocatedRecord] {
        guard let first = groups.first(where: { $0.header.ordinal >= ordinal }) else { return records }
        return Array(records[..<first.records.lowerBound])
    }

    /// Reads the first group only, with its records; nil if its header is not whole.
    mutating func scanFirstGroup() throws(FileError) -> ScannedGroup? {
        let window = SegmentWindow(file, byteCount: min(header.segmentByteCount, 2 * UInt64(Layout.blockByteCount)))
        guard try window.load(Layout.firstGroupOffset, Layout.blockByteCount) else { return nil }
        let end = Layout.groupsEnd(segmentByteCount: header.segmentByteCount)
        let bytes = window.bytes(Layout.firstGroupOffset, Layout.blockByteCount)
        guard
            let first = GroupHeader(
                decoding: bytes, generation: header.generation, at: Layout.firstGroupOffset, groupsEnd: end)
        else { return nil }
        let whole = SegmentWindow(file, byteCount: first.offset + UInt64(first.byteCount))
        guard try whole.load(first.offset, first.byteCount) else { return nil }
        return try group(at: first.offset, end, whole)
    }

    private mutating func group(
        at offset: UInt64, _ end: UInt64, _ window: SegmentWindow
    ) throws(FileError) -> ScannedGroup? {
        let bytes = window.bytes(offset, Layout.groupHeaderByteCount)
        guard
            let header = GroupHeader(decoding: bytes, generation: header.generation, at: offset, groupsEnd: end),
            follows(header)
        else { return nil }
        let chainValue = GroupHeader.chainValue(bytes)
        guard try window.load(offset, header.byteCount) else { return nil }
        var group = ScannedGroup(
            header: header, chainValue: chainValue, isTableWhole: false, records: records.count..<records.count,
            stateChanges: [])
        readRecords(of: &group, window.bytes(offset, header.byteCount))
        return group
    }

    /// Numbers rise, and a group that is next by its number is next by its chain value.
    private func follows(_ header: GroupHeader) -> Bool {
        guard let last = groups.last else { return true }
        if header.ordinal == last.header.ordinal + 1 { return header.chain == last.chainValue }
        return header.ordinal > last.header.ordinal
    }

    private mutating func readRecords(of group: inout ScannedGroup, _ bytes: RawSpan) {
        let header = group.header
        let tableEnd = header.tableOffset + Int(header.recordCount) * Layout.recordEntryByteCount
        guard crc32c(bytes.extracting(header.tableOffset..<tableEnd)) == header.tableChecksum else {
            group.firstDamage = .recordTable
            return
        }
        let first = records.count
        for place in 0..<Int(header.recordCount) {
            let at = header.tableOffset + place * Layout.recordEntryByteCount
            guard let entry = RecordEntry(decoding: bytes, at: at, header: header) else {
                // A table that agrees with its checksum and makes no sense was not written by this software.
                group.firstDamage = .recordTable
                records.removeSubrange(first...)
                group.stateChanges = []
                return
            }
            let payload = bytes.extracting(entry.payloadRange)
            let checksum = RecordEntry.checksum(decoding: bytes, at: at)
            let isDamaged = crc32c(payload) != checksum
            if isDamaged, group.firstDamage == nil { group.firstDamage = .payload(entry.slot) }
            if entry.kind.isProposal {
                records.append(
                    LocatedRecord(entry, checksum: checksum, groupOffset: header.offset, isDamaged: isDamaged))
            } else {
                group.stateChanges.append(isDamaged ? .damaged : Self.stateChange(entry, payload))
            }
        }
        group.isTableWhole = true
        group.records = first..<records.count
    }

    private static func stateChange(_ entry: RecordEntry, _ payload: RawSpan) -> ScannedGroup.StateChange {
        switch entry.kind {
        case .membership: return .membership([UInt8](copying: payload))
        case .base: return .base(LogBase(slot: entry.slot, description: [UInt8](copying: payload)))
        case .state: return StateRecord(decoding: payload).map { .state($0) } ?? .damaged
        case .accepted, .chosen: return .damaged
        }
    }
}
