internal import CoreTypes

/// Says when a checkpoint and when a snapshot is due.
///
/// A checkpoint bounds memory and the time of the next start; a snapshot lets the log before it be recycled, since
/// the store could be rebuilt without it.
struct CheckpointSchedule {
    // MARK: Checkpoint

    /// A frozen delta is on its way to the store.
    var isRunning = false
    /// Bytes of the deltas in memory.
    var deltaByteCount = 0
    private(set) var commandsSinceCheckpoint = 0
    /// How long it took to apply what the active delta holds, and so about how long to do it once more.
    private(set) var activeReplayNanoseconds: UInt64 = 0
    /// How long a command took to apply, averaged over the last proposals.
    private var commandNanoseconds: UInt64 = 0
    /// Commands that may change no more pages of the store than a checkpoint should copy.
    private var commandCountDue = Int.max
    /// When the last one was begun.
    var checkpointTick = Tick(rawValue: 0)
    var checkpointSlot = Slot.none
    /// Somebody asked for one.
    var isRequested = false
    /// The last one failed; the next is tried after a while.
    var retryTick: Tick?
    /// The one under way runs behind all other threads.
    private var isGivingWay = false
    /// Until then none does: one did not get on.
    private var givingWayTick = Tick(rawValue: 0)

    /// Giving way to others it did not get to its end for so long: the machine has no time to spare, or its disk is slow.
    private static let givingWayMilliseconds: UInt64 = 1_000
    /// How long it is not tried again then.
    private static let hurryingMilliseconds: UInt64 = 60_000

    // MARK: Snapshot

    var isSnapshotRunning = false
    /// The slot of the newest verified snapshot.
    var snapshotSlot = Slot.none
    var snapshotTick = Tick(rawValue: 0)
    private(set) var logByteCountSinceSnapshot = 0
    /// The last own one failed; the next is tried then.
    private var snapshotRetryTick: Tick?

    /// A proposal was applied.
    ///
    /// - Parameter nanoseconds: how long that took; nil if what it needs had been looked up for it, which a replay must do
    ///   itself. Then it counts as what others took of late.
    mutating func noteApplied(commands: Int, bytes: Int, deltaByteCount: Int, nanoseconds: UInt64?) {
        if let nanoseconds {
            let each = nanoseconds / UInt64(max(commands, 1))
            commandNanoseconds = commandNanoseconds == 0 ? each : (commandNanoseconds * 7 + each) / 8
        }
        activeReplayNanoseconds += nanoseconds ?? commandNanoseconds * UInt64(commands)
        commandsSinceCheckpoint += commands
        logByteCountSinceSnapshot += bytes
        self.deltaByteCount = deltaByteCount
    }

    /// The store has grown, or was opened.
    mutating func noteStore(byteCount: Int) { commandCountDue = Self.commandCountDue(storeByteCount: byteCount) }

    /// How many commands may change no more pages of a store than a checkpoint should copy.
    ///
    /// Of P pages, n commands that each change any one of them change P (1 - exp(-n / P)); so m pages are changed by
    /// -P ln(1 - m / P) commands, of which these are the first terms. A store of no more than m pages is as well copied
    /// whole.
    static func commandCountDue(storeByteCount: Int) -> Int {
        let (pages, most) = (storeByteCount / 4_096, Limits.pagesPerCheckpointMax)
        guard pages > most else { return .max }
        return most + most * most / (2 * pages) + most * most / pages * most / (3 * pages)
    }

    /// The start replayed what the active delta now holds, or the frozen one and the active.
    ///
    /// - Parameter isCut: it was too much for one checkpoint. Then both deltas are written at once, one after the other; and
    ///   the first writers, who open sessions for those who want to read, do not wait for that.
    mutating func noteReplayed(commands: Int, nanoseconds: UInt64, deltaByteCount: Int, isCut: Bool) {
        commandsSinceCheckpoint = commands
        activeReplayNanoseconds = isCut ? 0 : nanoseconds
        isRequested = isCut
        self.deltaByteCount = deltaByteCount
    }

    /// Should the active delta be frozen now?
    func isCheckpointDue(now: Tick, options: EngineOptions) -> Bool {
        guard !isRunning, commandsSinceCheckpoint > 0 || isRequested else { return false }
        if let retryTick, now < retryTick { return false }
        return isRequested || deltaByteCount >= options.deltaByteCountCheckpoint
            || commandsSinceCheckpoint >= min(options.commandsPerCheckpointMax, commandCountDue)
            || activeReplayNanoseconds >= options.replayMillisecondsCheckpoint * 1_000_000
            || now >= checkpointTick.adding(milliseconds: options.checkpointIntervalMilliseconds)
    }

    /// Must writers wait for the checkpoint under way, so that neither memory nor the next start grow without bound?
    func mustWait(_ options: EngineOptions) -> Bool {
        guard isRunning else { return false }
        return deltaByteCount >= options.deltaByteCountMax
            || activeReplayNanoseconds >= options.replayMillisecondsWaiting * 1_000_000
    }

    /// Must the checkpoint under way, which lets all others go first, be done with? That is so when writers would soon wait
    /// for it, when somebody asked for one, or when it takes long. Says so once.
    ///
    /// - Parameter isAwaited: something else waits for its end.
    mutating func mustHurry(now: Tick, isAwaited: Bool = false, options: EngineOptions) -> Bool {
        guard isRunning, isGivingWay else { return false }
        let isLate = now >= checkpointTick.adding(milliseconds: Self.givingWayMilliseconds)
        let isPressing =
            isAwaited || isRequested || deltaByteCount >= options.deltaByteCountMax / 10 * 9
            || activeReplayNanoseconds >= options.replayMillisecondsWaiting * 900_000
        guard isLate || isPressing else { return false }
        if isLate { givingWayTick = now.adding(milliseconds: Self.hurryingMilliseconds) }
        isGivingWay = false
        return true
    }

    /// Is the store unable to take checkpoints, and memory at its bound? Then no more changes are taken in.
    func isStuck(_ options: EngineOptions) -> Bool {
        retryTick != nil && deltaByteCount >= options.deltaByteCountMax
    }

    /// - Parameter isNew: the active delta was frozen for it; false when an older one is tried again.
    /// - Returns: whether it should run behind all other threads, as long as `mustHurry` does not object.
    @discardableResult
    mutating func checkpointBegan(now: Tick, isNew: Bool) -> Bool {
        isRunning = true
        isGivingWay = isNew && !isRequested && now >= givingWayTick
        checkpointTick = now
        // What came after an older frozen delta is not in this checkpoint: another one follows at once.
        isRequested = !isNew
        if isNew {
            activeReplayNanoseconds = 0
            commandsSinceCheckpoint = 0
        }
        return isGivingWay
    }

    mutating func checkpointFailed(retry: Tick) {
        isRunning = false
        isRequested = true
        retryTick = retry
    }

    /// The store was exchanged for that of a snapshot, which is one of the directory's own now.
    mutating func installed(slot: Slot, now: Tick) {
        self = CheckpointSchedule()
        checkpointSlot = slot
        snapshotSlot = slot
        checkpointTick = now
        snapshotTick = now
    }

    mutating func checkpointEnded(slot: Slot, deltaByteCount: Int) {
        isRunning = false
        retryTick = nil
        checkpointSlot = slot
        self.deltaByteCount = deltaByteCount
    }

    /// Should a snapshot of the last checkpoint be written now?
    func isSnapshotDue(now: Tick, storeByteCount: @autoclosure () -> Int, options: EngineOptions) -> Bool {
        guard !isSnapshotRunning, checkpointSlot > snapshotSlot else { return false }
        // For a large store a snapshot costs more than the log it frees: not before the log is as large as the store.
        let isLogLong =
            logByteCountSinceSnapshot >= options.logByteCountPerSnapshot
            && logByteCountSinceSnapshot >= storeByteCount()
        if let snapshotRetryTick { return now >= snapshotRetryTick }
        return isLogLong || now >= snapshotTick.adding(milliseconds: options.snapshotIntervalMilliseconds)
    }

    /// - Parameter isOwn: it is one of the directory's own; others are copies for somebody and change no schedule.
    mutating func snapshotBegan(now: Tick, isOwn: Bool) {
        isSnapshotRunning = true
        guard isOwn else { return }
        snapshotTick = now
        snapshotRetryTick = nil
        logByteCountSinceSnapshot = 0
    }

    /// An own one has ended with its slot.
    mutating func snapshotEnded(slot: Slot) {
        isSnapshotRunning = false
        snapshotSlot = max(snapshotSlot, slot)
    }

    /// One has failed, or was not an own one.
    ///
    /// - Parameter retry: when an own one is to be tried again.
    mutating func snapshotEnded(retry: Tick? = nil) {
        isSnapshotRunning = false
        if let retry { snapshotRetryTick = retry }
    }
}
