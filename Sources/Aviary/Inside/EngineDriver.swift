internal import Clustering
internal import CoreTypes
internal import PosixIO
internal import ReplicaEngine
internal import Synchronization
internal import ZnodeTree

/// Drives an embedded engine: takes in what other threads handed over, lets it be made durable, applies it and resumes
/// those who wait.
///
/// Whoever holds the *role* is the driver, for one *turn* at a time. There are two kinds:
/// - a lonely writer on a fast disk is its own driver, and writes the log itself: no hop to another thread and back,
///   each of which costs about a quarter of such a disk's sync (`Decisions/0003`);
/// - else the driver's thread is. On a fast disk it writes the log itself, too: what arrives meanwhile is the next
///   turn's. On a slow one the log's thread does, which waits for more where that pays (`GroupCommitController`).
///
/// Invariant: work is never left lying. It is announced (in the mailbox, or by `EngineWake.raise`) before its announcer
/// asks for the role. So an announcer who does not get the role did so before the holder let it go, and the holder looks
/// once more after that. While the holder watches the mailbox, who writes asks for nothing: the holder stops watching
/// before he lets the role go, and so before he looks for the last time.
final class EngineDriver: @unchecked Sendable {
    // Sendable because `engine`, `gateway`, `replica` and what follows `role` are touched by its holder alone, but for what
    // `ReplicaEngine` allows any thread; the rest guards itself.
    private let engine: ReplicaEngine
    private let gateway: EmbeddedGateway
    /// The store's part in its cluster; nil alone.
    private let replica: EmbeddedReplica?
    private let mailbox = Mailbox()
    private let wake: EngineWake
    private let thread = Mutex<DedicatedThread?>(nil)
    /// Whether a writer should drive: the last turn had one write at most, and the disk is fast.
    private let isForWriters = Atomic<Bool>(false)

    private let role = Lock()
    private var taken = Inbox()
    /// Writers that the last turn gave their results, and that the next one waits for.
    private var releasedCount = 0
    private var gathering = WriterGathering()
    /// Something else than writes was taken in.
    private var isInterrupted = false
    /// This turn has ended no slot yet; and how many commands are in the one that is open.
    private var isFirstSlot = true
    private var openCommandCount = 0
    /// The events that the last turn has seen to.
    private let seenEvents = Atomic<UInt64>(0)
    private var tick = Tick(rawValue: 0)
    private var touchTick = Tick(rawValue: 0)
    private var writerTurnCount = 0
    /// On a single processor whoever drives keeps everybody else from joining in.
    private let canWritersDrive = DedicatedThread.processorCount > 1

    /// How long the thread sleeps at most: the granularity of timers.
    private let tickMilliseconds: UInt64
    private static let tickMillisecondsAlone: UInt64 = 250
    /// One of several replicas looks for a new leader within this.
    private static let tickMillisecondsInCluster: UInt64 = 10
    /// How often it is noted that the sessions of this process are alive.
    private static let touchMilliseconds: UInt64 = 250
    /// How long those who wait for an answer may hold up the end, if others must help with it.
    private static let drainMilliseconds: UInt64 = 10_000
    /// How long another replica may take to take over the lead, a little more than after which the engine gives it up; and
    /// how often it is asked of one.
    private static let handOverMilliseconds: UInt64 = 500
    private static let handOverCountMax = 3
    /// A writer on a disk that is slower than this does not wait for it on its own thread, which may be one of the few
    /// that run a program's tasks; the hops cost little beside such a disk.
    private static let fastSyncNanoseconds: UInt64 = 1_000_000

    /// Turns of writers before one of the thread's.
    private static let writerTurnCountMax = 16
    /// Slots of a turn: no shorter than this many commands, and about no more than this many.
    private static let slotCommandCountMin = 16
    private static let turnSlotCountMax = 8
    /// But for the first one: its results wake the threads that run tasks.
    private static let firstSlotCommandCount = 4
    /// With no more than so many writers missing, nothing else is begun: it would hold the group up.
    private static let nearlyCount = 4

    /// - Parameter wake: what the engine's other threads raise.
    init(engine: ReplicaEngine, gateway: EmbeddedGateway, wake: EngineWake, replica: EmbeddedReplica? = nil) {
        self.engine = engine
        self.gateway = gateway
        self.wake = wake
        self.replica = replica
        tickMilliseconds = replica == nil ? Self.tickMillisecondsAlone : Self.tickMillisecondsInCluster
    }

    func start() {
        thread.withLock { $0 = DedicatedThread(name: "aviary-engine") { [self] in run() } }
    }

    /// Hands a command over; whoever waits on `completion` is resumed by the driver, which may be the caller.
    func submit(kind: Int32, session: LocalSession, completion: WriteCompletion, body: (ByteBuilder) -> Void) {
        switch mailbox.append(kind: kind, session: session, completion: completion, body: body) {
        case .refused: completion.resume(returning: .stopped(EmbeddedGateway.closedReason))
        // Whoever drives takes it in, or finds it when he leaves.
        case .isSeen: break
        case .isLastAwaited: engine.expectWrite()
        case .isUnseen: if isForWriters.load(ordering: .relaxed) { drive() } else { wake.signal() }
        }
    }

    /// Runs `job` on the driver, between two commands.
    ///
    /// - Returns: false if it takes no more: the store was closed.
    func perform(_ job: @escaping @Sendable (ReplicaEngine, EmbeddedGateway) -> Void) -> Bool {
        let isTaken = mailbox.append(job: job)
        if isTaken { wake.signal() }
        return isTaken
    }

    /// Lets the thread finish what there is, close the engine and end.
    ///
    /// - Returns: false if that was asked for before.
    func stop(_ done: @escaping @Sendable (EngineError?) -> Void) -> Bool {
        let isFirst = mailbox.close(done)
        if isFirst { wake.signal() }
        return isFirst
    }

    /// Waits for the thread's end, once it was told to stop.
    func join() {
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// The caller is the driver for a turn, unless there is one.
    private func drive() {
        guard role.tryLock() else { return }
        turn(writesLog: true)
        writerTurnCount += 1
        // A task that never waits would keep others from running on its thread.
        if writerTurnCount % Self.writerTurnCountMax == 0 { isForWriters.store(false, ordering: .relaxed) }
        mailbox.leave()
        role.unlock()
        if isWorkLeft { wake.signal() }
    }

    // MARK: The thread

    private func run() {
        while true {
            if let stop = mailbox.stop { return end(stop) }
            if role.tryLock() {
                turn(writesLog: true, gathers: true)
                let goesOn = releasedCount > 0
                if !goesOn { mailbox.leave() }
                role.unlock()
                if goesOn || isWorkLeft { continue }
            } else {
                // Whoever drives looks himself when he is done.
                mailbox.leave()
            }
            _ = wake.wait(nanoseconds: tickMilliseconds * 1_000_000)
        }
    }

    /// Keeps the role for ever.
    private func end(_ stop: @Sendable (EngineError?) -> Void) {
        role.lock()
        turn(writesLog: false)
        if let replica {
            leaveCluster(replica.seat)
            replica.stop()
        }
        var failure: EngineError?
        do throws(EngineError) {
            try engine.close()
        } catch {
            failure = error
        }
        gateway.close()
        stop(failure)
    }

    /// Ends the sessions, answers who waits, and gives the lead away, as far as enough others are there to help.
    private func leaveCluster(_ seat: ClusterSeat) {
        gateway.closeSessions(on: engine)
        turnUntil(milliseconds: Self.drainMilliseconds, seat) { !gateway.isAwaited }
        for _ in 0..<Self.handOverCountMax where engine.mode == .leader && seat.isQuorumConnected {
            engine.transferLeadership()
            turnUntil(milliseconds: Self.handOverMilliseconds, seat) { engine.mode == .follower }
        }
    }

    private func turnUntil(milliseconds: UInt64, _ seat: ClusterSeat, _ isDone: () -> Bool) {
        let deadline = MonotonicClock.tick.adding(milliseconds: milliseconds)
        turn(writesLog: false)
        while !isDone(), seat.isQuorumConnected, engine.stopReason == nil, MonotonicClock.tick < deadline {
            _ = wake.wait(nanoseconds: tickMilliseconds * 1_000_000)
            turn(writesLog: false)
        }
    }

    // MARK: With the role

    /// Did anything come after the last turn had begun? Asked after the role was let go.
    private var isWorkLeft: Bool { !mailbox.isEmpty || isEventNew }

    private var isEventNew: Bool { wake.eventCount != seenEvents.load(ordering: .relaxed) }

    private var isDiskFast: Bool { engine.syncNanoseconds < Self.fastSyncNanoseconds }

    /// - Parameter gathers: the writers that the last turn released are waited for.
    private func turn(writesLog: Bool, gathers: Bool = false) {
        seenEvents.store(wake.eventCount, ordering: .relaxed)
        replica?.takeMail()
        (isFirstSlot, openCommandCount) = (true, 0)
        var writeCount = takeIn(awaiting: 0)
        if gathers, releasedCount > 0 { writeCount += gather(releasedCount - writeCount) }
        engine.endOfInput(writesLog: writesLog && isDiskFast)
        engine.processCompletions()
        if gateway.submitHeld(to: engine) { engine.endOfInput() }
        let resumedCount = gateway.takeResumedCount()
        let isLonely = writeCount <= 1 && resumedCount <= 1
        isForWriters.store(canWritersDrive && isLonely && isDiskFast, ordering: .relaxed)
        let isGathering = replica == nil && isDiskFast && gathering.waits(afterReleasing: resumedCount)
        releasedCount = isGathering ? resumedCount : 0
        passTime()
    }

    /// Takes in what is there.
    ///
    /// - Parameter count: so many writes are waited for, with these.
    /// - Returns: how many writes that were.
    private func takeIn(awaiting count: Int) -> Int {
        mailbox.takeOver(into: &taken, awaiting: count)
        for job in taken.jobs { job(engine, gateway) }
        isInterrupted = !taken.jobs.isEmpty || taken.stop != nil
        let count = taken.writes.count
        submitTaken()
        taken.removeAll()
        return count
    }

    /// Waits for writers that the last turn released, and takes in what they write as they come: for about as long as a
    /// durable write takes at most, and half as long for the next one.
    ///
    /// It does not sleep: each of them wakes up, writes and sleeps within a microsecond or two, and to be woken by the last
    /// one would take ten times that. Nor does it look all the time, which would take the mailbox away from them again and
    /// again. Meanwhile it does what it can for those who are back.
    ///
    /// - Returns: how many came.
    private func gather(_ missingCount: Int) -> Int {
        let limit = engine.syncNanoseconds
        let start = MonotonicClock.nanoseconds
        var (count, now, lastArrival) = (0, start, start)
        while count < missingCount {
            let isLookUpDue = releasedCount >= ReplicaEngine.lookUpGroupCommandCountMin
            let arrivedCount = takeIn(awaiting: isLookUpDue ? missingCount - count : 0)
            count += arrivedCount
            if isInterrupted || isEventNew { return count }
            now = MonotonicClock.nanoseconds
            if count >= missingCount { break }
            if arrivedCount > 0 { lastArrival = now }
            if now - lastArrival > limit / 2 || now - start > limit {
                count += takeIn(awaiting: 0)
                break
            }
            let next = now + min(gathering.nanosecondsToNextLook(missing: missingCount - count), limit / 4)
            let isNearlyOver = missingCount - count <= Self.nearlyCount
            repeat {
                if isNearlyOver || !engine.prepare() { DedicatedThread.yield() }
                now = MonotonicClock.nanoseconds
            } while now < next
        }
        let nanoseconds = MonotonicClock.nanoseconds - start
        gathering.noteGathered(
            releasedCount - missingCount + count, of: releasedCount, missing: missingCount, nanoseconds: nanoseconds)
        return count
    }

    /// Several slots share a durable write, so that the writers of the first ones run while the next are applied.
    private func submitTaken() {
        let bytes = taken.bytes
        let turnCount = max(taken.writes.count, releasedCount)
        let laterCount = max(Self.slotCommandCountMin, turnCount / Self.turnSlotCountMax)
        for write in taken.writes {
            gateway.submit(write, body: bytes.bytes.extracting(write.bytes), to: engine)
            openCommandCount += 1
            guard openCommandCount >= (isFirstSlot ? Self.firstSlotCommandCount : laterCount) else { continue }
            engine.endBatch()
            isFirstSlot = false
            openCommandCount = 0
        }
    }

    private func passTime() {
        let now = MonotonicClock.tick
        guard now >= tick.adding(milliseconds: tickMilliseconds) else { return }
        tick = now
        if now >= touchTick.adding(milliseconds: Self.touchMilliseconds) {
            touchTick = now
            gateway.touchAll(engine, at: now)
        }
        engine.tick(now: now)
        engine.endOfInput()
    }
}
