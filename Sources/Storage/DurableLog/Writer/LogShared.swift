internal import CoreTypes
internal import PosixIO
internal import Synchronization
internal import SystemPackage

/// Where the thread that appends, the writer and the preparer meet.
///
/// Everything that changes is guarded by `lock`, which is held for a copy at most and never for a call of the file
/// system; except the two atomics.
final class LogShared: @unchecked Sendable {
    // Guarded by `lock`.

    let fileSystem: any FileSystem
    let directory: FilePath
    let options: LogOptions
    let identity: LogIdentity
    /// Called by the writer after each durable group, and whenever something changed that the engine must know.
    let onProgress: @Sendable () -> Void

    let lock = Lock()
    let writerWake = WakeSignal()
    let preparerWake = WakeSignal()

    /// Everything up to here is durable. Written by the writer only.
    let durableSequence = Atomic<UInt64>(0)
    /// Set once, after `failure`.
    let hasFailed = Atomic<Bool>(false)

    /// Groups that wait to be written, oldest first; the last one is still being filled.
    var pending: [GroupBuffer] = []
    /// The group that the writer is busy with.
    var inFlight: GroupBuffer?
    /// Buffers for use again.
    private var free: [GroupBuffer] = []

    var lastSequence = LogSequence.none
    /// Everything up to here may be written.
    var submittedSequence = LogSequence.none
    var writersInFlight = 1
    var turnaround = TurnaroundMeter()

    /// The acceptor's state as the next group will carry it.
    var promised: Ballot
    var chosenThrough: Slot
    var membership: [UInt8]
    var base: LogBase?

    var catalog: SegmentCatalog
    /// The number of the last durable group.
    var durableGroup: UInt64 = 0
    /// Bytes that the writer's segment has left.
    var activeByteCountLeft: UInt64 = 0
    /// No segment could be prepared for lack of space.
    var isShortOfSpace = false
    var isClosing = false
    var failure: LogFailure?
    var counters = LogCounters()
    /// What the writer's controller believes, copied for status.
    var controller = GroupCommitController()

    init(
        fileSystem: any FileSystem, directory: FilePath, options: LogOptions, recovered: RecoveredLog,
        catalog: SegmentCatalog, onProgress: @escaping @Sendable () -> Void
    ) {
        self.fileSystem = fileSystem
        self.directory = directory
        self.options = options
        self.identity = recovered.identity
        self.onProgress = onProgress
        self.catalog = catalog
        promised = recovered.promised
        chosenThrough = recovered.chosenThrough
        membership = recovered.membership
        base = recovered.base
    }

    /// Runs a section under the lock.
    @inline(__always)
    func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }

    /// Ends the life of the log; the first failure stays. Without the lock.
    func fail(_ error: FileError) {
        locked {
            if failure == nil { failure = LogFailure(error: error) }
        }
        hasFailed.store(true, ordering: .releasing)
        writerWake.signal()
        preparerWake.signal()
        onProgress()
    }
}

/// The queue of groups. Under the lock.
extension LogShared {
    /// The group that the next record goes into.
    func openGroup(for byteCount: Int) -> GroupBuffer {
        if let last = pending.last, last.fits(byteCount) { return last }
        let overhead = Layout.groupHeaderByteCount + Layout.recordEntryByteCount
        let usual = min(options.groupByteCountMax, options.segmentByteCount - 4 * Layout.blockByteCount)
        let group: GroupBuffer
        if byteCount + overhead > usual {
            group = GroupBuffer(byteCount: byteCount + overhead)
        } else {
            group = free.popLast() ?? GroupBuffer(byteCount: usual)
        }
        group.chosenThrough = chosenThrough
        pending.append(group)
        return group
    }

    /// Is there a group of which something may be written?
    var isWorkDue: Bool {
        guard let first = pending.first else { return false }
        return first.firstSequence <= submittedSequence
    }

    /// Hands the oldest group to the writer.
    func takeGroup() -> GroupBuffer {
        let group = pending.removeFirst()
        inFlight = group
        return group
    }

    /// Takes a group back that could not be written yet.
    func putBackGroup() {
        guard let group = inFlight else { return }
        inFlight = nil
        pending.insert(group, at: 0)
    }

    /// Keeps the memory of a written group, unless it was larger than usual or enough are kept.
    func recycle(_ group: GroupBuffer) {
        group.removeAll()
        if free.count < 2, group.memory.byteCount <= options.groupByteCountMax { free.append(group) }
    }

    var pendingByteCount: Int {
        pending.reduce(inFlight?.byteCount ?? 0) { $0 + $1.byteCount }
    }

    /// Is there room for an accepted record outside the reserve? Always, as long as segments can be prepared.
    func hasRoom(for byteCount: Int) -> Bool {
        guard isShortOfSpace else { return true }
        let spare = max(catalog.prepared.count - 1, 0)
        let body = options.segmentByteCount - 4 * Layout.blockByteCount - options.stateByteCountMax
        let room = Int(activeByteCountLeft) + spare * body
        let needed = Layout.groupByteCount(payloadByteCount: byteCount, recordCount: 1)
        return pendingByteCount + needed <= room
    }

    /// The next prepared segment. The last one is a reserve for promises and chosen slots, which others may take only
    /// when no further one can be prepared: what was accepted before that was known must not block the promises behind
    /// it.
    func takePrepared(_ mayTakeReserve: Bool) -> PreparedSegment? {
        guard catalog.prepared.count > (mayTakeReserve || isShortOfSpace ? 0 : 1) else { return nil }
        return catalog.takePrepared()
    }
}
