internal import Consensus
package import CoreTypes
package import DurableLog
internal import PosixIO
internal import ZnodeTree

/// What an engine is made of, once everything is open and replayed.
struct EngineParts {
    var options: EngineOptions
    var directory: DataDirectory
    var identity: DirectoryIdentity
    var shared: SharedTree
    var store: any EngineStore
    var log: DurableLog
    var maintenance: MaintenanceThread
    var snapshotting: MaintenanceThread
    var scrubbing: MaintenanceThread
    var transferring: MaintenanceThread
    var consensus: ConsensusReplica
    var progress: WakeSignal
    var wallClock: @Sendable () -> WallClockTime
    var now: Tick
    var lifeNumber: UInt64
    var appliedSlot: Slot
    var chosenSlot: Slot
    var peers: PeerTraffic?
    var appliedZxid: Zxid
    var lastStamp: WallClockTime
    var snapshotSlot: Slot
    var sessions: [Session]
    var nextSessionNumber: UInt64
    var replay: ReplayReport
}

/// What a start found and did, for the status line and for tests.
package struct ReplayReport: Sendable {
    /// What the log's recovery found.
    package var log = RecoveryReport()
    /// The slot of the checkpoint that the start began from.
    package var checkpointSlot = Slot.none
    /// Slots that were replayed, and how long it took.
    package var slotCount = 0
    package var replayNanoseconds: UInt64 = 0
    /// Commands that were replayed into the active delta, about.
    package var activeCommandCount = 0
    /// From the call to the engine's being ready.
    package var openNanoseconds: UInt64 = 0
    /// What an operator should know: a store that was rebuilt, bytes that could not be proven.
    package var notices: [String] = []
}
