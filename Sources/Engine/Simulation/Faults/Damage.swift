package import Consensus
package import CoreTypes

/// What a simulation may do to the disk of a replica.
package enum Damage: Hashable, Sendable {
    /// Records of these slots in the log.
    case log(SlotRange)
    /// The store or the snapshot that stands for all slots through this one, where no log can rebuild it.
    case store(through: Slot)
    /// Everything is gone, the promises too.
    case wiped
}
