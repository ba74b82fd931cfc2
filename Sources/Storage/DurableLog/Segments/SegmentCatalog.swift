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

    /// The ordinal of the prepared segment that was taken last: it is on its way to `live`.
    private var takenOrdinal: UInt64 = 0

    /// The ordinal of the next segment to be prepared: above that of every segment there is, wherever it is on its way,
    /// since preparing one of a used ordinal would put an empty file in the place of one that is written to.
    var nextOrdinal: UInt64 {
        max(prepared.last?.header.ordinal ?? 0, live.last?.ordinal ?? 0, takenOrdinal) + 1
    }

    /// Takes the oldest prepared segment, to go on in.
    mutating func takePrepared() -> PreparedSegment {
        let segment = prepared.removeFirst()
        takenOrdinal = segment.header.ordinal
        return segment
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
