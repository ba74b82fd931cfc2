/// A way in which the world goes wrong now and then. A seed leaves some of them out altogether.
package enum Nemesis: String, CaseIterable, Sendable {
    /// The replicas fall into two halves that do not hear each other, or the leader is alone.
    case partition
    /// What one replica sends does not reach another; the other direction is whole.
    case oneWay
    /// What one replica sends to another arrives later, all at once.
    case clog
    /// A connection breaks, and stands again after a while.
    case disconnect
    /// A replica stands still: its process gets no processor.
    case pause
    /// A replica loses its power, and with it what was not synced, or some of it, or some sectors of it.
    case crash
    /// All replicas lose their power at once.
    case blackout
    /// A clock runs fast or slow from now on.
    case drift
    /// A wall clock is set, by hours.
    case jump
    /// A disk becomes slow.
    case slowDisk
    /// The leader hands over, or another replica asks for the lead.
    case handOver
    /// A client's connection breaks.
    case clientDisconnect
    /// A replica loses its directory, and with it what it promised.
    case wipe
    /// Some bits of a log on a disk flip.
    case rot
    /// A block of a log has the bytes of another one.
    case misdirect
    /// A disk does not give a block of a log any more, until it is written again.
    case unreadable
    /// Some bits of a snapshot on a disk flip.
    case snapshotRot
    /// Pieces of snapshots change on their way.
    case tamper
    /// A disk is full for a while.
    case diskFull
    /// A write or a sync of a log fails.
    case diskFailure
}
