internal import Checksums
package import CoreTypes
internal import PosixIO
internal import SystemPackage

/// Reads proposals back, verified. One thread at a time; several readers may read at once, while the log is written.
///
/// Slots that follow one another are read in large pieces.
package final class LogReader {
    private static let pieceByteCount = 256 * 1024

    private let shared: LogShared
    private var buffer = AlignedBuffer(byteCount: Layout.blockByteCount)
    /// What the buffer holds: bytes of a segment, none of them beyond what was durable when they were read.
    private var bufferedSegment: LiveSegment?
    private var bufferedOffset: UInt64 = 0
    private var bufferedCount = 0
    /// Where the last record ended: one that begins there is read with those behind it.
    private var nextOffset: UInt64 = 0

    init(_ shared: LogShared) { self.shared = shared }

    /// Appends the proposal of a slot to a builder.
    ///
    /// - Returns: what was read, or nil if the log has nothing for the slot. A faulty entry comes without bytes.
    package func read(_ slot: Slot, into builder: ByteBuilder) throws(LogError) -> AcceptedEntry? {
        while true {
            if let entry = readPending(slot, into: builder) { return entry }
            guard let (segment, located) = try locate(slot) else { return nil }
            var entry = AcceptedEntry(
                slot: slot, ballot: located.ballot, byteCount: Int(located.byteCount), state: .faulty,
                isChosen: located.kind == .chosen)
            if located.isDamaged { return entry }
            if try load(segment, located) {
                let from = Int(located.offset - bufferedOffset)
                let buffer = self.buffer
                builder.append(buffer.bytes(from..<(from + Int(located.byteCount))))
                entry.state = .whole
                return entry
            }
            // Other bytes than were written: damage, unless the segment was recycled in the meantime.
            bufferedSegment = nil
            if shared.locked({ shared.catalog.live.contains { $0 === segment } }) { return entry }
        }
    }

    /// Looks among what is not durable yet.
    private func readPending(_ slot: Slot, into builder: ByteBuilder) -> AcceptedEntry? {
        shared.lock.lock()
        defer { shared.lock.unlock() }
        for group in shared.pending.reversed() {
            if let entry = read(slot, in: group, into: builder) { return entry }
        }
        guard let group = shared.inFlight else { return nil }
        return read(slot, in: group, into: builder)
    }

    /// The last record of a slot in a group. It stands above all before it, as ballots only rise; except that what is
    /// only accepted does not push out what is chosen, and has the same value then.
    private func read(_ slot: Slot, in group: GroupBuffer, into builder: ByteBuilder) -> AcceptedEntry? {
        guard slot >= group.summary.lowestSlot, slot <= group.summary.highestSlot,
            let entry = group.entries.last(where: { $0.slot == slot && $0.kind.isProposal })
        else { return nil }
        let memory = group.memory
        builder.append(memory.bytes(entry.payloadRange))
        return AcceptedEntry(
            slot: slot, ballot: entry.ballot, byteCount: Int(entry.byteCount), state: .whole,
            isChosen: entry.kind == .chosen)
    }

    /// The record that stands for a slot: the one in the youngest segment that has one.
    private func locate(_ slot: Slot) throws(LogError) -> (LiveSegment, LocatedRecord)? {
        var found: (LiveSegment, LocatedRecord)?
        while true {
            var unknown: LiveSegment?
            shared.locked {
                for segment in shared.catalog.live.reversed() where segment.mayHold(slot) {
                    guard let index = segment.index else {
                        unknown = segment
                        return
                    }
                    if let record = index.record(of: slot) {
                        found = (segment, record)
                        return
                    }
                }
            }
            guard let unknown else { return found }
            let index = try loadIndex(unknown)
            shared.locked {
                unknown.lowestSlot = index.lowestSlot
                unknown.highestSlot = index.highestSlot
                unknown.index = index
            }
        }
    }

    /// Reads where the proposals of an old segment lie.
    private func loadIndex(_ segment: LiveSegment) throws(LogError) -> SegmentIndex {
        var scan = SegmentScan(segment.file, segment.path, segment.header)
        try LogError.mapping { () throws(FileError) in try scan.scan() }
        // Groups with the numbers of the next segment's were cut before it was begun.
        let end = shared.locked {
            shared.catalog.live.first { $0.ordinal == segment.ordinal + 1 }?.firstGroup ?? .max
        }
        return SegmentIndex(scan.records(before: end))
    }

    /// Brings a record's payload into the buffer and verifies it.
    private func load(_ segment: LiveSegment, _ located: LocatedRecord) throws(LogError) -> Bool {
        let end = located.offset + UInt64(located.byteCount)
        defer { nextOffset = end }
        let isBuffered =
            bufferedSegment === segment && located.offset >= bufferedOffset
            && end <= bufferedOffset + UInt64(bufferedCount)
        if isBuffered, isWhole(located) { return true }
        let follows =
            bufferedSegment === segment && located.offset >= nextOffset && located.offset - nextOffset < 65_536
        let wanted = max(Int(located.byteCount), follows ? Self.pieceByteCount : 0)
        if wanted > buffer.byteCount { buffer = AlignedBuffer(byteCount: wanted) }
        bufferedSegment = segment
        bufferedOffset = located.offset
        bufferedCount = try fill(Int(min(UInt64(wanted), segment.header.segmentByteCount - located.offset)))
        if bufferedCount == 0, wanted > Int(located.byteCount) { bufferedCount = try fill(Int(located.byteCount)) }
        return bufferedCount >= Int(located.byteCount) && isWhole(located)
    }

    /// Reads bytes from where the buffer begins.
    ///
    /// - Returns: how many there are; 0 if the disk does not give them all: then a smaller piece may be had.
    private func fill(_ count: Int) throws(LogError) -> Int {
        do throws(FileError) {
            let buffer = self.buffer
            var span = buffer.mutableBytes(0..<count)
            return try bufferedSegment?.file.read(into: &span, at: bufferedOffset) ?? 0
        } catch {
            guard error.errno == .ioError else { throw .file(error) }
            return 0
        }
    }

    private func isWhole(_ located: LocatedRecord) -> Bool {
        let from = Int(located.offset - bufferedOffset)
        let buffer = self.buffer
        return crc32c(buffer.bytes(from..<(from + Int(located.byteCount)))) == located.checksum
    }
}
