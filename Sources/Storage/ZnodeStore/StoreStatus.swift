package import CoreTypes

/// What a store is doing and how it is, for status output and metrics.
package struct StoreStatus: Sendable {
    package var path = ""
    /// Bytes of the file that pages were ever given to, free ones included.
    package var usedByteCount = 0
    /// Address space reserved: the most the file can grow to.
    package var mapByteCount = 0
    /// Bytes of the file in this process's page tables, about; nil where the kernel does not say.
    package var residentByteCount: Int?
    /// How often resident pages were released.
    package var residentReleaseCount = 0
    /// Write transactions ever committed to this file.
    package var transactionCount: UInt64 = 0
    package var readerCount = 0
    /// For how long the oldest reader has held its state: for so long no page was reused.
    package var oldestReaderNanoseconds: UInt64 = 0
    /// The checkpoint that is being written.
    package var current: CurrentCheckpoint?
    /// The last checkpoint that was written by this process.
    package var last: WrittenCheckpoint?
    package var checkpointCount: UInt64 = 0
    package var failedCheckpointCount: UInt64 = 0
    /// Why the last one that failed did; nil once one succeeded after it.
    package var failure: StoreError?

    package init() {}

    /// A checkpoint under way.
    package struct CurrentCheckpoint: Sendable {
        package var slot: Slot
        package var rowCount: Int
        package var rowCountTotal: Int
        package var elapsedNanoseconds: UInt64
    }
}

/// A checkpoint that is durable.
package struct WrittenCheckpoint: Equatable, Sendable {
    package var slot: Slot
    package var counts: CheckpointCounts
    /// From the call to its durability.
    package var nanoseconds: UInt64
    /// Of which for the commit: writing pages and two syncs.
    package var commitNanoseconds: UInt64
    /// By how much the used part of the file grew.
    package var grownByteCount: Int
}
