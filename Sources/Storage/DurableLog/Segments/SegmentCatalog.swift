internal import CoreTypes
internal import SystemPackage

/// All files of the log. Guarded by the lock of the log's shared state.
struct SegmentCatalog {
    /// The segments of the log, ascending; the last one is written to.
    var live: [LiveSegment] = []
    /// Ready to be gone on in, ascending.
    var prepared: [PreparedSegment] = []
    /// To be retired by the preparer, oldest first; not part of the log any more.
    var retiring: [LiveSegment] = []
    /// Files that can be prepared again.
    var spares: [FilePath] = []

    /// The ordinal of the next segment to be prepared.
    var nextOrdinal: UInt64 {
        if let last = prepared.last { return last.header.ordinal + 1 }
        return (live.last?.ordinal ?? 0) + 1
    }

    /// Takes the oldest segments out of the log whose slots are all up to `slot`, as long as the younger ones hold
    /// `tailByteCount` bytes. The segment that is written to stays.
    mutating func retire(through slot: Slot, tailByteCount: Int) {
        while live.count > 1, live[1].highestSlotBefore <= slot {
            let kept = live.dropFirst().dropLast().reduce(UInt64(0)) { $0 + $1.header.segmentByteCount }
            guard kept >= UInt64(tailByteCount) else { return }
            retiring.append(live.removeFirst())
        }
    }

    /// Forgets where the proposals of segments lie that a checkpoint has overtaken: they are seldom read.
    mutating func dropIndexes(through slot: Slot) {
        for place in live.indices.dropLast() where live[place + 1].highestSlotBefore <= slot {
            live[place].index = nil
        }
    }
}
