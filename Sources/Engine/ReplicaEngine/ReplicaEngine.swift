internal import Consensus
package import CoreTypes
internal import DequeModule
internal import DurableLog
internal import PosixIO
internal import SnapshotFile
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
/// Thread: every method is called by the driver, and by nobody else, unless it says "any thread". The engine owns none: the
/// log's writer and the maintenance thread wake the driver, which calls `processCompletions`.
package final class ReplicaEngine {
    package let options: EngineOptions
    package let identity: DirectoryIdentity
    /// What the start found and did.
    package let replay: ReplayReport
    /// The tree, for readers on other threads.
    package let shared: SharedTree
    let directory: DataDirectory
    let store: any EngineStore
    let log: DurableLog
    /// Writes checkpoints.
    let maintenance: MaintenanceThread
    /// Writes snapshots, beside them.
    let snapshotting: MaintenanceThread
    /// Reads everything again.
    let scrubbing: MaintenanceThread
    /// Gives snapshots to peers, and takes theirs.
    let transferring: MaintenanceThread
    /// Looks up what is being written, for the apply.
    let prefetcher: Prefetcher
    let offers: SnapshotOffers
    let incoming: IncomingSnapshot
    /// The scrub under way.
    var scrub: Scrub?
    var scrubTick: Tick
    /// Set whenever the log or the maintenance thread got on: for a driver that waits, at the start and at the end.
    let progress: WakeSignal
    let wallClock: @Sendable () -> WallClockTime

    var consensus: ConsensusReplica
    var effects = Effects()
    let output = ApplyOutput()
    let scratch = ByteBuilder(capacity: 256)
    /// The bytes of a no-op.
    let noBytes = ByteBuilder()
    /// The upper bits of attachments, replica and life: nobody else has the same, and no other life had.
    let attachmentPrefix: UInt64

    /// Who gets results. The lowest bits of an attachment say which one.
    var gateways: [any ClientGateway] = []
    /// Watches of all gateways' attachments.
    package var watches = WatchTable()
    var fired = FiredWatches()

    /// Sees what is applied; nil outside of simulations.
    package weak var observer: (any ApplyObserver)?

    /// Commands of this turn, not yet proposed.
    var current = ProposalBatch()
    /// Rises with every batch that is closed: commands submitted under one number share a slot.
    package internal(set) var batchNumber: UInt64 = 0
    /// Closed batches that wait for room in the window, in the log or in the delta; at the leader alone.
    var waiting: Deque<ProposalBatch> = []
    /// Accepted and not yet applied.
    var pending: PendingValues
    /// What a replica has to do with others; nil alone.
    let peers: PeerTraffic?
    var spareBatches: [ProposalBatch] = []
    /// Bytes of `current` and `waiting`.
    var pendingByteCount = 0
    package internal(set) var isCongested = false

    /// Records that the log refused for lack of space, in order; tried again when it gets on.
    var refusedRecords: Deque<HeldRecord> = []
    /// The token of the last of them.
    var refusedThrough = PersistToken.none
    /// Which of consensus's tokens are durable once the log stands at a sequence; both grow.
    var persistMarks: Deque<PersistMark> = []
    /// Every slot up to here is applied. Invariant: at most `chosenSlot`.
    package internal(set) var appliedSlot: Slot
    var chosenSlot: Slot
    /// The last slot that could not be read when it was to be applied.
    var reportedDamage: Slot?
    /// Where in the log the value of the last applied slot stands.
    var appliedSequence = LogSequence.none
    /// The first slot of the newest membership that consensus was told of; `none` for the founding one.
    var membershipFirstSlot = Slot.none
    /// The newest membership, while the log has no record of it.
    var unrecordedMembership: [UInt8]?
    var notices: [String] = []
    /// The highest slot that the log was told to be chosen in this life.
    var notedChosenSlot = Slot.none
    /// The zxid that was given out last.
    package internal(set) var appliedZxid: Zxid
    var barriers: Deque<PendingBarrier> = []

    var tracker: SessionTracker
    var now: Tick
    /// When this replica was opened.
    let openTick: Tick
    var attachmentCount: UInt64 = 0
    var nextSessionNumber: UInt64
    var lastStamp: WallClockTime
    var reapTick: Tick
    var idlenessTick: Tick

    var checkpoints = CheckpointSchedule()
    package internal(set) var counters = EngineCounters()
    var snapshotRequests: [SnapshotRequest] = []
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
        snapshotting = parts.snapshotting
        scrubbing = parts.scrubbing
        transferring = parts.transferring
        prefetcher = Prefetcher(parts.shared)
        let snapshots = SnapshotDirectory(directory.snapshotPath, fileSystem: directory.fileSystem)
        offers = SnapshotOffers(
            snapshots, directory.fileSystem,
            pieceByteCount: parts.options.cluster?.snapshotPieceByteCount ?? Limits.snapshotPieceByteCountMax)
        incoming = IncomingSnapshot(snapshots, directory.fileSystem, identity)
        let scrubDelay = parts.options.scrub.map {
            parts.replay.notices.isEmpty && (parts.replay.log.wasCleanStop || parts.replay.log.isNew)
                ? $0.intervalMilliseconds : $0.delayMilliseconds
        }
        scrubTick = parts.now.adding(milliseconds: scrubDelay ?? 0)
        progress = parts.progress
        wallClock = parts.wallClock
        consensus = parts.consensus
        attachmentPrefix =
            UInt64(parts.options.replica.rawValue) << 56 | (parts.lifeNumber % LifeNumber.countInAttachments)
            << Self.attachmentLifeShift
        appliedSlot = parts.appliedSlot
        chosenSlot = parts.chosenSlot
        pending = PendingValues(after: parts.appliedSlot)
        peers = parts.peers
        appliedZxid = parts.appliedZxid
        replay = parts.replay
        now = parts.now
        openTick = parts.now
        reapTick = parts.now
        idlenessTick = parts.now
        tracker = SessionTracker(periodMilliseconds: parts.options.sessionPeriodMilliseconds, now: parts.now)
        nextSessionNumber = parts.nextSessionNumber
        lastStamp = parts.lastStamp
        checkpoints.checkpointSlot = parts.replay.checkpointSlot
        checkpoints.snapshotSlot = parts.snapshotSlot
        checkpoints.noteStore(byteCount: parts.store.byteCount)
        checkpoints.checkpointTick = parts.now
        checkpoints.snapshotTick = parts.now
        checkpoints.noteReplayed(
            commands: parts.replay.activeCommandCount, nanoseconds: parts.replay.replayNanoseconds,
            deltaByteCount: parts.shared.withLock { $0.deltaByteCount },
            isCut: parts.shared.withLock { $0.frozenDelta != nil })
        for session in parts.sessions where !session.isHidden {
            tracker.add(session.id, timeoutMilliseconds: UInt64(session.timeoutMilliseconds), now: parts.now)
        }
    }

    /// Runs `body` with the tree; for reads of the driver's thread.
    package func read<Result, Failure: Error>(
        _ body: (ZnodeTree) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try shared.withLock(body)
    }
}

/// A record on its way into the log, and the bytes of its value.
struct HeldRecord {
    var record: PersistRecord
    var batch: ProposalBatch?
}

/// Consensus asked for records to be made durable up to a token; the last of them has this place in the log.
struct PersistMark {
    var token: PersistToken
    var sequence: LogSequence
}

/// A barrier that waits for what was accepted before it.
struct PendingBarrier {
    /// What must be applied; nil while the leader has not yet said it.
    var slot: Slot?
    /// The last batch of this replica that must be applied too, if it is one of several.
    var batchNumber: UInt64 = 0
    /// The question under way; each is asked once (`ReadToken`).
    var readToken = ReadToken(rawValue: 0)
    var attachment: AttachmentID
    var token: UInt64
}
