/// What an engine counted since its start.
package struct EngineCounters: Sendable {
    package var proposals: UInt64 = 0
    package var commands: UInt64 = 0
    package var checkpoints: UInt64 = 0
    package var failedCheckpoints: UInt64 = 0
    package var lastCheckpointMilliseconds: UInt64 = 0
    /// Checkpoints that let all other threads go first, until writers would soon have waited for them or they took long.
    package var hurriedCheckpoints: UInt64 = 0
    package var snapshots: UInt64 = 0
    package var failedSnapshots: UInt64 = 0
    /// How often everything was read again, and what the last time found damaged.
    package var scrubs: UInt64 = 0
    package var scrubFindings: [String] = []
    package var expiredSessions: UInt64 = 0
    /// Commands that were skipped because they had been executed before, and those that came before one that was lost.
    package var repeatedCommands: UInt64 = 0
    package var refusedGaps: UInt64 = 0
    /// How often this replica began to follow another leader, or to lead.
    package var leaderChanges: UInt64 = 0
    /// Batches of commands that peers sent to this leader.
    package var forwardedBatches: UInt64 = 0
    /// Digests of the state that a quorum agreed on, this replica with it.
    package var agreedDigests: UInt64 = 0
    /// Slots whose values could not be read here, and were fetched from a peer.
    package var damagedSlots: UInt64 = 0
    /// How often this replica was too far behind for values, and needed a snapshot.
    package var snapshotNeeds: UInt64 = 0
    /// How often the store was found damaged, or other than that of the other replicas, and was to be replaced.
    package var storeRepairs: UInt64 = 0
    /// Snapshots of peers that were installed here, how long the last one took, and bytes that came and went.
    package var installations: UInt64 = 0
    /// How often one was begun anew: what came was not what was sent, or could not be written.
    package var failedInstallations: UInt64 = 0
    package var lastInstallationMilliseconds: UInt64 = 0
    package var installedByteCount: UInt64 = 0
    package var sentSnapshotByteCount: UInt64 = 0
    /// Members that a change of the membership named anew.
    package var readmissions: UInt64 = 0
    /// How often this leader was asked for a readmission and did not grant it.
    package var refusedAdmissions: UInt64 = 0
    package var reapedNodes: UInt64 = 0
    /// How often input had to wait for a checkpoint or for the log.
    package var congestions: UInt64 = 0
    /// The last failure of a checkpoint or snapshot; empty if the last one succeeded.
    package var maintenanceTrouble = ""
}
