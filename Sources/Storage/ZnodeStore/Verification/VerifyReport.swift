package import CoreTypes

/// What a verification saw and what it found.
package struct VerifyReport: Equatable, Sendable {
    /// Of the checkpoint that was verified; 0 for a store that never had one.
    package var slot = Slot.none
    package var rowCount: UInt64 = 0
    package var chunkCount: UInt64 = 0
    package var systemRowCount: UInt64 = 0
    /// Bytes of keys and values.
    package var byteCount: UInt64 = 0
    package var usedPageCount = 0
    package var freePageCount = 0
    package var nanoseconds: UInt64 = 0
    /// What is damaged, with file, key and remedy; the first hundred.
    package var findings: [StoreError] = []

    package init() {}

    /// Everything is as it was written.
    package var isWhole: Bool { findings.isEmpty }
}
