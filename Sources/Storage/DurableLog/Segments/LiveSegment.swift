internal import CoreTypes
internal import PosixIO
internal import SystemPackage

/// A segment that belongs to the log.
///
/// What changes in it is guarded by the lock of the log's shared state.
final class LiveSegment: @unchecked Sendable {
    // Guarded by `LogShared.lock`.

    let header: SegmentHeader
    let path: FilePath
    /// For reading, from any thread.
    let file: any File
    /// The highest slot of all segments before this one, or a bound of it.
    var highestSlotBefore: Slot
    /// The number of its first group; nil if that one is damaged.
    let firstGroup: UInt64?
    /// Its lowest and highest proposal, as far as that is known: lowest above highest if it has none. Not kept while the
    /// segment is written to; its index says it then.
    var lowestSlot = Slot.none
    var highestSlot = Slot(rawValue: .max)
    /// Where its proposals lie; nil when that is not in memory and must be read from the file.
    var index: SegmentIndex?

    init(
        header: SegmentHeader, path: FilePath, file: any File, highestSlotBefore: Slot, firstGroup: UInt64?,
        index: SegmentIndex?
    ) {
        self.header = header
        self.path = path
        self.file = file
        self.highestSlotBefore = highestSlotBefore
        self.firstGroup = firstGroup
        self.index = index
    }

    var ordinal: UInt64 { header.ordinal }

    /// Can it hold a proposal for a slot? False is certain.
    func mayHold(_ slot: Slot) -> Bool {
        if let index { return slot >= index.lowestSlot && slot <= index.highestSlot }
        return slot >= lowestSlot && slot <= highestSlot
    }
}
