/// What an engine counted since its start.
package struct EngineCounters: Sendable {
    package var proposals: UInt64 = 0
    package var commands: UInt64 = 0
    package var checkpoints: UInt64 = 0
    package var failedCheckpoints: UInt64 = 0
    package var lastCheckpointMilliseconds: UInt64 = 0
    package var snapshots: UInt64 = 0
    package var failedSnapshots: UInt64 = 0
    /// How often everything was read again, and what the last time found damaged.
    package var scrubs: UInt64 = 0
    package var scrubFindings: [String] = []
    package var expiredSessions: UInt64 = 0
    /// Slots whose values could not be read here, and were fetched from a peer.
    package var damagedSlots: UInt64 = 0
    /// How often this replica was too far behind for values, and needed a snapshot.
    package var snapshotNeeds: UInt64 = 0
    package var reapedNodes: UInt64 = 0
    /// How often input had to wait for a checkpoint or for the log.
    package var congestions: UInt64 = 0
    /// The last failure of a checkpoint or snapshot; empty if the last one succeeded.
    package var maintenanceTrouble = ""
}
