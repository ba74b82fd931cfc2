internal import CoreTypes
internal import SystemPackage

/// Where the log goes on: what recovery tells the writer.
struct WriterPosition: Sendable {
    /// The segment to go on in; nil when the first group opens a new one.
    var segment: PreparedSegment?
    /// Where the next group stands in it.
    var offset: UInt64 = Layout.firstGroupOffset
    /// The number of the next group.
    var groupOrdinal: UInt64 = 1
    /// The chain value for it.
    var chain: UInt64 = 0
    /// The summary of the group before it.
    var previous = GroupSummary()
    var highestSlot = Slot.none
    /// The slot of the last base.
    var baseSlot = Slot.none
    /// The group before it is a mark, and nothing is known chosen that it does not say.
    var isMarked = false
}
