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
    /// When the last one was begun.
    var checkpointTick = Tick(rawValue: 0)
    var checkpointSlot = Slot.none
    /// Somebody asked for one.
    var isRequested = false
    /// The last one failed; the next is tried after a while.
    var retryTick: Tick?

    // MARK: Snapshot

    var isSnapshotRunning = false
    /// The slot of the newest verified snapshot.
    var snapshotSlot = Slot.none
    var snapshotTick = Tick(rawValue: 0)
    private(set) var logByteCountSinceSnapshot = 0

    /// A proposal was applied.
    mutating func noteApplied(commands: Int, bytes: Int, deltaByteCount: Int, nanoseconds: UInt64) {
        activeReplayNanoseconds += nanoseconds
        commandsSinceCheckpoint += commands
        logByteCountSinceSnapshot += bytes
        self.deltaByteCount = deltaByteCount
    }

    /// The start replayed what the active delta now holds.
    mutating func noteReplayed(slotCount: Int, nanoseconds: UInt64, deltaByteCount: Int) {
        commandsSinceCheckpoint = slotCount
        activeReplayNanoseconds = nanoseconds
        self.deltaByteCount = deltaByteCount
    }

    /// Should the active delta be frozen now?
    func isCheckpointDue(now: Tick, options: EngineOptions) -> Bool {
        guard !isRunning, commandsSinceCheckpoint > 0 || isRequested else { return false }
        if let retryTick, now < retryTick { return false }
        return isRequested || deltaByteCount >= options.deltaByteCountCheckpoint
            || commandsSinceCheckpoint >= options.commandsPerCheckpointMax
            || activeReplayNanoseconds >= options.replayMillisecondsCheckpoint * 1_000_000
            || now >= checkpointTick.adding(milliseconds: options.checkpointIntervalMilliseconds)
    }

    /// Must writers wait for the checkpoint under way, so that neither memory nor the next start grow without bound?
    func mustWait(_ options: EngineOptions) -> Bool {
        guard isRunning else { return false }
        return deltaByteCount >= options.deltaByteCountMax
            || activeReplayNanoseconds >= options.replayMillisecondsWaiting * 1_000_000
    }

    mutating func checkpointBegan(now: Tick) {
        activeReplayNanoseconds = 0
        isRunning = true
        isRequested = false
        retryTick = nil
        commandsSinceCheckpoint = 0
        checkpointTick = now
    }

    mutating func checkpointEnded(slot: Slot, deltaByteCount: Int) {
        isRunning = false
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
        return isLogLong || now >= snapshotTick.adding(milliseconds: options.snapshotIntervalMilliseconds)
    }

    mutating func snapshotBegan(now: Tick) {
        isSnapshotRunning = true
        snapshotTick = now
        logByteCountSinceSnapshot = 0
    }

    mutating func snapshotEnded(slot: Slot?) {
        isSnapshotRunning = false
        if let slot { snapshotSlot = max(snapshotSlot, slot) }
    }
}
