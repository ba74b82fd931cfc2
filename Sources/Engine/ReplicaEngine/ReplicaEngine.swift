package import Consensus
package import CoreTypes
internal import DequeModule
package import DurableLog
package import ZnodeStore
package import ZnodeTree

/// One replica: consensus, log, tree and store, driven by one thread.
///
/// The life of a write (`design.md` §4): a gateway *submits* a command; at the *end of input* all commands of the turn
/// become one proposal, whose bytes go to the log; when the log has made them durable, the driver is woken, consensus
/// says which slots are chosen, each is *applied* in order, its watches fire and its results go to the gateways.
///
/// Invariants, each asserted where it could break:
/// - nothing is applied, and so nothing answered, that is not chosen; nothing is chosen that is not durable at a quorum;
/// - slots are applied in order, each once;
/// - a frozen delta is dropped only after the checkpoint that holds it is durable;
/// - the checkpoint never stands beyond the durable log (`design.md` D2).
///
/// Thread: every method is called by the driver, and by nobody else. The engine owns none: the log's writer and the
/// maintenance thread wake the driver, which calls `processCompletions`.
package final class ReplicaEngine {
    package let options: EngineOptions
    package let directory: DataDirectory
    package let identity: DirectoryIdentity
    /// The tree, for readers on other threads.
    package let shared: SharedTree
    package let store: ZnodeStore
    let log: DurableLog
    let maintenance: MaintenanceThread
    let wallClock: @Sendable () -> WallClockTime

    var consensus: ConsensusReplica
    var effects = Effects()
    let output = ApplyOutput()

    /// Who gets results. The lowest bits of an attachment say which one.
    var gateways: [any ClientGateway] = []
    /// Watches of all gateways' attachments.
    package var watches = WatchTable()
    var fired = FiredWatches()

    /// Commands of this turn, not yet proposed.
    var current: ProposalBatch
    /// Closed batches that wait for room in the window, in the log or in the delta.
    var waiting: Deque<ProposalBatch> = []
    /// Proposed and not yet applied, in slot order.
    var inFlight: Deque<InFlightProposal> = []
    var spareBatches: [ProposalBatch] = []
    /// Bytes of `current` and `waiting`.
    var pendingByteCount = 0
    var isCongested = false

    /// Which of consensus's tokens are durable once the log stands at a sequence; both grow.
    var persistMarks: Deque<PersistMark> = []
    /// Invariant: at most the chosen slot, which is at most what is durable at a quorum.
    package internal(set) var appliedSlot: Slot
    var chosenSlot: Slot
    var barriers: Deque<PendingBarrier> = []

    var tracker: SessionTracker
    var now: Tick
    var attachmentCount: UInt64 = 0
    var nextSessionNumber: UInt64
    var lastStamp: WallClockTime

    var checkpoints = CheckpointSchedule()
    var counters = EngineCounters()
    let replay: ReplayReport
    /// Why the engine stopped for good; nil while it serves.
    package internal(set) var stopReason: String?

    init(_ parts: EngineParts) {
        options = parts.options
        directory = parts.directory
        identity = parts.identity
        shared = parts.shared
        store = parts.store
        log = parts.log
        maintenance = parts.maintenance
        wallClock = parts.wallClock
        consensus = parts.consensus
        appliedSlot = parts.appliedSlot
        chosenSlot = parts.appliedSlot
        replay = parts.replay
        now = parts.now
        tracker = SessionTracker(periodMilliseconds: parts.options.sessionPeriodMilliseconds, now: parts.now)
        current = ProposalBatch()
        nextSessionNumber = parts.nextSessionNumber
        lastStamp = parts.lastStamp
    }
}

/// A proposal between its slot and its apply.
struct InFlightProposal {
    var slot: Slot
    var batch: ProposalBatch
}

/// Consensus asked for records to be made durable up to a token; the last of them has this place in the log.
struct PersistMark {
    var token: PersistToken
    var sequence: LogSequence
}

/// A barrier that waits for what was accepted before it.
struct PendingBarrier {
    var slot: Slot
    var attachment: AttachmentID
    var token: UInt64
}
