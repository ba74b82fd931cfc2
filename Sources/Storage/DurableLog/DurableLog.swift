package import CoreTypes
package import PosixIO
internal import Synchronization
package import SystemPackage

/// The log of one replica: what it promised and accepted, durable before it is acknowledged.
///
/// One thread, the engine's, appends; the log's own thread makes durable what was appended, in groups, one durable write
/// in flight and everything that arrives meanwhile joining the next one. Records become durable in the order in which
/// they were appended: `durableSequence` says how far.
///
/// - Important: a failed write or sync is final: see `failure`. A full disk is not: see `LogRefusal.noSpace`.
package final class DurableLog: @unchecked Sendable {
    // What changes is guarded by `LogShared.lock`; the writer and the preparer are confined to their threads, or to the
    // one thread that steps them.

    private let shared: LogShared
    private let writer: LogWriter
    private let preparer: SegmentPreparer
    private let probe: [SyncModeProbe.Result]
    private let reader: LogReader
    private let isClosed = Atomic<Bool>(false)
    private let writerThread: DedicatedThread?
    private let preparerThread: DedicatedThread?

    /// Opens the log in a directory, which must exist and be locked by the caller, or makes one.
    ///
    /// What was recovered is durable on return, and so is every cut.
    ///
    /// - Parameters:
    ///   - identity: whose log it must be; nil takes what the segments say, or draws a new identity for a new log.
    ///   - firstSlotNeeded: the slot after the store's checkpoint: older ones are not in `RecoveredLog.accepted`.
    ///   - onProgress: called by the log's threads after each durable group, on failure, and when the disk has room again
    ///     or none any more. It must not block and not call the log.
    package static func open(
        fileSystem: any FileSystem, directory: FilePath, options: LogOptions = LogOptions(),
        identity: LogIdentity? = nil, firstSlotNeeded: Slot, onProgress: @escaping @Sendable () -> Void
    ) throws(LogError) -> (DurableLog, RecoveredLog) {
        let opening = LogOpening(
            fileSystem: fileSystem, directory: directory, options: options, firstSlotNeeded: firstSlotNeeded,
            onProgress: onProgress)
        let parts = try opening.open(identity)
        return (DurableLog(parts), parts.recovered)
    }

    /// Reads a log without changing anything, whether it is open or not; for tools.
    package static func inspect(
        fileSystem: any FileSystem, directory: FilePath, policy: RecoveryPolicy, firstSlotNeeded: Slot
    ) throws(LogError) -> RecoveredLog {
        try LogOpening.inspect(fileSystem, directory, policy: policy, firstSlotNeeded: firstSlotNeeded)
    }

    private init(_ parts: LogOpening.Parts) {
        shared = parts.shared
        writer = parts.writer
        preparer = parts.preparer
        probe = parts.probe
        reader = LogReader(parts.shared)
        guard parts.shared.options.runsOwnThreads else {
            writerThread = nil
            preparerThread = nil
            return
        }
        writerThread = DedicatedThread(name: "log-writer") { [shared, writer] in writer.run(shared) }
        preparerThread = DedicatedThread(name: "log-preparer", niceness: 10) { [preparer] in preparer.run() }
    }

    deinit { close() }

    /// The longest payload that can be appended.
    package var recordByteCountMax: Int { shared.options.recordByteCountMax }

    // MARK: Appending

    /// Appends that this replica accepted a proposal; promises its ballot, too. Copies the payload once.
    ///
    /// - Parameter writerCount: clients that wait for it.
    /// - Complexity: O(payload), without allocation; tens of nanoseconds for a small one.
    package func append(
        accepted slot: Slot, ballot: Ballot, payload: RawSpan, writerCount: Int = 1
    ) throws(LogRefusal) -> LogSequence {
        try append(.accepted, slot, ballot, payload, writerCount)
    }

    /// Appends the chosen proposal of a slot, as learned from another replica: it stands above what was accepted.
    package func append(chosen slot: Slot, ballot: Ballot, payload: RawSpan) throws(LogRefusal) -> LogSequence {
        try append(.chosen, slot, ballot, payload, 0)
    }

    /// Promises a ballot, never a lower one than before.
    package func append(promise ballot: Ballot) throws(LogRefusal) -> LogSequence {
        shared.lock.lock()
        defer { shared.lock.unlock() }
        try refuseIfEnded()
        invariant(ballot >= shared.promised, "a promise goes back")
        shared.promised = ballot
        return note(in: shared.openGroup(for: 0), 0)
    }

    /// Notes that every slot up to one is chosen. The next group carries it; alone it is written after a moment of
    /// idleness, or at once if it is urgent.
    @discardableResult
    package func append(chosenThrough slot: Slot, isUrgent: Bool = false) throws(LogRefusal) -> LogSequence {
        shared.lock.lock()
        defer { shared.lock.unlock() }
        try refuseIfEnded()
        shared.chosenThrough = max(shared.chosenThrough, slot)
        guard let group = isUrgent ? shared.openGroup(for: 0) : shared.pending.last else {
            // Nothing waits for it: the next group or mark carries it.
            return shared.lastSequence
        }
        group.chosenThrough = max(group.chosenThrough, slot)
        return note(in: group, 0)
    }

    /// Notes the membership in force.
    package func append(membership: RawSpan) throws(LogRefusal) -> LogSequence {
        let copy = [UInt8](copying: membership)
        return try appendState(.membership, .none, membership) { shared.membership = copy }
    }

    /// Notes that a snapshot is installed: what the state is up to its slot comes from there.
    package func append(base: LogBase) throws(LogRefusal) -> LogSequence {
        let description = base.description.span
        return try appendState(.base, base.slot, unsafe description.bytes) { shared.base = base }
    }

    private func append(
        _ kind: RecordKind, _ slot: Slot, _ ballot: Ballot, _ payload: RawSpan, _ writerCount: Int
    ) throws(LogRefusal) -> LogSequence {
        guard payload.byteCount <= shared.options.recordByteCountMax else { throw .tooLarge }
        shared.lock.lock()
        defer { shared.lock.unlock() }
        try refuseIfEnded()
        guard shared.hasRoom(for: payload.byteCount) else { throw .noSpace }
        if kind == .accepted { shared.promised = max(shared.promised, ballot) }
        let group = shared.openGroup(for: payload.byteCount)
        group.append(kind, slot, ballot, payload)
        return note(in: group, writerCount)
    }

    private func appendState(
        _ kind: RecordKind, _ slot: Slot, _ payload: RawSpan, _ change: () -> Void
    ) throws(LogRefusal) -> LogSequence {
        shared.lock.lock()
        defer { shared.lock.unlock() }
        try refuseIfEnded()
        let otherByteCount = kind == .membership ? (shared.base?.description.count ?? 0) : shared.membership.count
        guard payload.byteCount + otherByteCount + 64 <= shared.options.stateByteCountMax else { throw .tooLarge }
        change()
        let group = shared.openGroup(for: payload.byteCount)
        group.append(kind, slot, .none, payload)
        return note(in: group, 0)
    }

    private func refuseIfEnded() throws(LogRefusal) {
        if shared.hasFailed.load(ordering: .relaxed) { throw .failed }
        if shared.isClosing { throw .closed }
    }

    /// Numbers what was just appended. Under the lock.
    private func note(in group: GroupBuffer, _ writerCount: Int) -> LogSequence {
        shared.lastSequence = LogSequence(rawValue: shared.lastSequence.rawValue + 1)
        group.add(shared.lastSequence, writerCount: writerCount)
        if writerCount > 0 { shared.turnaround.arrived(writerCount) { MonotonicClock.nanoseconds } }
        return shared.lastSequence
    }

    /// Lets the writer write what was appended, and wakes it if it sleeps.
    ///
    /// - Parameter writersInFlight: clients that wait for an answer, for the group commit policy; 1 never waits.
    package func submit(writersInFlight: Int = 1) {
        let isDue = shared.locked {
            shared.submittedSequence = shared.lastSequence
            shared.writersInFlight = writersInFlight
            return shared.isWorkDue
        }
        if isDue { shared.writerWake.signal() }
    }

    /// As `submit`, but writes on the caller's thread what is due, if the log's thread is not at it: without the two
    /// hops between threads, which cost a lonely writer as much as half of a fast disk's sync. Blocks for one durable
    /// write; `onProgress` is not called for it.
    ///
    /// - Parameter writerCountMax: what more clients than this wait for is left to the log's thread.
    /// - Returns: whether something was written.
    @discardableResult
    package func submitAndWrite(writersInFlight: Int = 1, writerCountMax: Int = .max) -> Bool {
        let (isDue, isForFew) = shared.locked {
            shared.submittedSequence = shared.lastSequence
            shared.writersInFlight = writersInFlight
            return (shared.isWorkDue, shared.pending.reduce(0) { $0 + $1.writerCount } <= writerCountMax)
        }
        guard isDue else { return false }
        guard isForFew, writer.role.tryLock() else {
            shared.writerWake.signal()
            return false
        }
        let outcome = writer.writeGroup()
        let mustWake = outcome != .wrote || !writer.willMark || shared.locked { shared.isWorkDue }
        writer.role.unlock()
        // It goes on with what is left, or sees to the mark behind the last group.
        if mustWake { shared.writerWake.signal() }
        return outcome == .wrote
    }

    /// About how long a durable write takes, in nanoseconds; 0 before the first. Any thread.
    package var syncNanoseconds: UInt64 { shared.locked { shared.controller.syncNanoseconds } }

    // MARK: Progress

    /// Everything up to here is durable; any thread.
    package var durableSequence: LogSequence {
        LogSequence(rawValue: shared.durableSequence.load(ordering: .acquiring))
    }

    /// Why the log ended, or nil; any thread. It stays.
    package var failure: LogFailure? {
        guard shared.hasFailed.load(ordering: .acquiring) else { return nil }
        return shared.locked { shared.failure }
    }

    /// Would an accepted record of this size be refused for lack of space? To be asked before something is proposed.
    package func hasRoom(forByteCount byteCount: Int) -> Bool { shared.locked { shared.hasRoom(for: byteCount) } }

    /// Lets segments be recycled that nobody needs: those with no slot above the lower of the store's checkpoint and the
    /// newest verified snapshot, except for a tail for peers.
    package func retain(checkpoint: Slot, snapshot: Slot) {
        shared.locked {
            shared.catalog.dropIndexes(through: checkpoint)
            shared.catalog.retire(
                through: min(checkpoint, snapshot), tailByteCount: shared.options.retainedTailByteCount)
        }
        shared.preparerWake.signal()
    }

    /// The last sequence that was given out; any thread.
    package var lastSequence: LogSequence { shared.locked { shared.lastSequence } }

    /// Every slot from here on that was ever accepted is in the log; any thread.
    package var firstRetainedSlot: Slot {
        shared.locked { () throws(Never) -> Slot in
            let before = shared.catalog.live.first?.highestSlotBefore ?? .none
            return max(before, shared.base?.slot ?? .none).next
        }
    }

    /// What the log is doing; any thread.
    package var status: LogStatus {
        shared.locked {
            let counters = shared.counters
            let catalog = shared.catalog
            return LogStatus(
                syncMode: writer.mode, probe: probe, groupCount: counters.groupCount, markCount: counters.markCount,
                recordCount: counters.recordCount, payloadByteCount: counters.payloadByteCount,
                writtenByteCount: counters.writtenByteCount, syncTime: counters.syncTime,
                controller: shared.controller, segmentCount: catalog.live.count,
                segmentByteCount: catalog.live.reduce(0) { $0 + $1.header.segmentByteCount },
                preparedCount: catalog.prepared.count, spareCount: catalog.spares.count,
                createdSegmentCount: counters.createdSegmentCount,
                recycledSegmentCount: counters.recycledSegmentCount, stallCount: counters.stallCount,
                promised: shared.promised, chosenThrough: shared.chosenThrough, lastSequence: shared.lastSequence,
                durableSequence: durableSequence, pendingByteCount: shared.pendingByteCount,
                isShortOfSpace: shared.isShortOfSpace, failure: shared.failure)
        }
    }

    // MARK: Reading

    /// Appends the proposal of a slot to a builder: the one of the highest ballot, or the chosen one, durable or not.
    ///
    /// On the engine's thread; other threads take a `makeReader()`.
    ///
    /// - Returns: what was read, or nil if the log has nothing for the slot.
    package func read(_ slot: Slot, into builder: ByteBuilder) throws(LogError) -> AcceptedEntry? {
        try reader.read(slot, into: builder)
    }

    /// A reader for another thread.
    package func makeReader() -> LogReader { LogReader(shared) }

    /// Something that reads the whole log again to find damage, for a thread of low priority.
    package func makeScrub() -> LogScrub { LogScrub(shared) }

    // MARK: The end

    /// Makes everything durable that was appended, writes a clean mark and stops the log's threads. Once is enough.
    package func close() {
        if isClosed.exchange(true, ordering: .acquiringAndReleasing) { return }
        shared.locked {
            shared.isClosing = true
            shared.submittedSequence = shared.lastSequence
        }
        shared.writerWake.signal()
        shared.preparerWake.signal()
        writerThread?.join()
        preparerThread?.join()
    }

    // MARK: By hand

    /// Does what the writer's thread would: writes one group. For a log without threads of its own.
    ///
    /// - Returns: whether something was written.
    @discardableResult
    package func stepWriter() -> Bool {
        var outcome = writer.writeGroup()
        while outcome == .stalled, preparer.step() != .idle {
            let before = outcome
            outcome = writer.writeGroup()
            if before == outcome, shared.locked({ shared.isShortOfSpace && shared.catalog.prepared.isEmpty }) { break }
        }
        if outcome == .wrote { shared.onProgress() }
        return outcome == .wrote
    }

    /// Does what the preparer's thread would: one piece of work.
    ///
    /// - Returns: whether there may be more.
    @discardableResult
    package func stepPreparer() -> Bool { preparer.step() == .worked }

    /// Does what the writer's thread would after idleness or, with `isCleanStop`, at the end.
    @discardableResult
    package func stepMark(isCleanStop: Bool = false) -> Bool {
        guard isCleanStop || writer.needsMark else { return false }
        return writer.writeMark(isCleanStop: isCleanStop) == .wrote
    }
}
