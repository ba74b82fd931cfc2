internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import PosixIO
internal import ZnodeStore
internal import ZnodeTree

/// What an engine is made of, once everything is open and replayed.
struct EngineParts {
    var options: EngineOptions
    var directory: DataDirectory
    var identity: DirectoryIdentity
    var shared: SharedTree
    var store: ZnodeStore
    var log: DurableLog
    var maintenance: MaintenanceThread
    var consensus: ConsensusReplica
    var progress: WakeSignal
    var wallClock: @Sendable () -> WallClockTime
    var now: Tick
    var appliedSlot: Slot
    var lastStamp: WallClockTime
    var sessions: [RestoredSession]
    var nextSessionNumber: UInt64
    var replay: ReplayReport
}

/// A session that was open when the directory was last closed, or when the process died.
struct RestoredSession {
    var session: SessionID
    var attachment: AttachmentID
    var timeoutMilliseconds: UInt64
    var isHidden: Bool
}

/// What a start found and did, for the status line and for tests.
package struct ReplayReport: Sendable {
    /// What the log's recovery found.
    package var log: RecoveryReport
    /// The slot of the checkpoint that the start began from.
    package var checkpointSlot: Slot
    /// Slots and commands that were replayed, and how long it took.
    package var slotCount = 0
    package var commandCount = 0
    package var replayNanoseconds: UInt64 = 0
    /// From the call to the engine's being ready.
    package var openNanoseconds: UInt64 = 0
    /// What an operator should know: a store that was rebuilt, bytes that could not be proven.
    package var notices: [String] = []
}
