internal import Checksums
internal import CoreTypes
internal import PosixIO

/// A group being filled: payloads are copied once, to where the disk write takes them from.
///
/// Filled under the lock of the log's shared state. From the moment the writer takes it, payloads and entries do not
/// change, so that others may read them under the lock; what closing adds is the writer's alone.
final class GroupBuffer {
    let memory: AlignedBuffer
    private(set) var entries: [RecordEntry] = []
    /// CRC-32C of each entry's payload, once the group is closed. Only the writer looks at them.
    private(set) var checksums: [UInt32] = []
    private(set) var summary = GroupSummary()
    private var payloadEnd = Layout.groupHeaderByteCount
    /// The first and last of the sequences that are durable when it is.
    private(set) var firstSequence = LogSequence.none
    private(set) var lastSequence = LogSequence.none
    /// Every slot up to here was known to be chosen, by records of this group or earlier ones.
    var chosenThrough = Slot.none
    /// The slot of the last base in it.
    private(set) var baseSlot = Slot.none
    /// Clients that wait for its records.
    private(set) var writerCount = 0

    init(byteCount: Int) {
        memory = AlignedBuffer(byteCount: byteCount)
        entries.reserveCapacity(64)
    }

    /// Bytes on disk.
    var byteCount: Int {
        Layout.groupByteCount(payloadByteCount: payloadByteCount, recordCount: entries.count)
    }

    var payloadByteCount: Int { payloadEnd - Layout.groupHeaderByteCount }

    func fits(_ byteCount: Int) -> Bool {
        payloadEnd + byteCount + (entries.count + 1) * Layout.recordEntryByteCount <= memory.byteCount
    }

    /// Copies a record in. The caller has asked whether it fits.
    func append(_ kind: RecordKind, _ slot: Slot, _ ballot: Ballot, _ payload: RawSpan) {
        memory.copy(payload, at: payloadEnd)
        entries.append(
            RecordEntry(
                slot: slot, ballot: ballot, kind: kind, payloadOffset: payloadEnd, byteCount: payload.byteCount))
        payloadEnd += payload.byteCount
        if kind.isProposal { summary.add(slot, ballot) } else { summary.holdsState = true }
        if kind == .base { baseSlot = max(baseSlot, slot) }
    }

    /// Counts a record, or something else that its header will make durable.
    func add(_ sequence: LogSequence, writerCount added: Int) {
        if firstSequence == .none { firstSequence = sequence }
        lastSequence = sequence
        writerCount += added
    }

    /// Computes the checksums and writes table, padding and header; returns the chain value for the next group.
    ///
    /// - Complexity: O(payload bytes).
    func close(_ header: inout GroupHeader) -> UInt64 {
        let memory = self.memory
        checksums.removeAll(keepingCapacity: true)
        for (place, entry) in entries.enumerated() {
            let checksum = crc32c(memory.bytes(entry.payloadRange))
            checksums.append(checksum)
            entry.encode(into: memory, at: payloadEnd + place * Layout.recordEntryByteCount, checksum: checksum)
        }
        let tableEnd = payloadEnd + entries.count * Layout.recordEntryByteCount
        header.tableChecksum = crc32c(memory.bytes(payloadEnd..<tableEnd))
        memory.fillWithZeros(tableEnd..<byteCount)
        return header.encode(into: memory)
    }

    /// Makes it empty and keeps the memory.
    func removeAll() {
        chosenThrough = .none
        baseSlot = .none
        entries.removeAll(keepingCapacity: true)
        summary = GroupSummary()
        payloadEnd = Layout.groupHeaderByteCount
        firstSequence = .none
        lastSequence = .none
        writerCount = 0
    }
}
