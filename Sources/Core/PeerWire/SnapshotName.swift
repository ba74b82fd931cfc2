package import CoreTypes

/// Names one snapshot file among all that a replica ever had: a transfer that was interrupted goes on only with the same
/// file of the same replica.
package struct SnapshotName: Hashable, Sendable {
    /// The last slot whose commands are in it.
    package var slot: Slot
    /// Bytes of the file.
    package var byteCount: UInt64
    /// Of header and rows.
    package var checksum: UInt64

    package init(slot: Slot, byteCount: UInt64, checksum: UInt64) {
        self.slot = slot
        self.byteCount = byteCount
        self.checksum = checksum
    }

    /// No snapshot.
    package static let none = SnapshotName(slot: .none, byteCount: 0, checksum: 0)
}
