import Consensus
import CoreTypes
import SystemPackage

/// What one replica's log cannot tell any more of one slot: the record that stood for it, under this ballot or a lower
/// one, is damaged on the disk.
struct Loss: Hashable {
    var slot: Slot
    var ballot: Ballot
    /// Goes with this file.
    var segment: FilePath
}
