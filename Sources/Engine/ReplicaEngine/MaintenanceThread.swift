package import CoreTypes
internal import PeerWire
internal import PosixIO
internal import Synchronization

/// A thread for work that can wait: one writes checkpoints, one snapshots, one scrubs, and of several replicas
/// one gives and takes snapshots (`Decisions/0005`). One job at a time, at low priority.
///
/// A job touches what it was given and never the engine; what became of it is picked up by the driver, which is woken.
final class MaintenanceThread: Sendable {
    private struct Job {
        var run: @Sendable () -> MaintenanceOutcome
        /// What becomes of it if it is not run.
        var cancel: @Sendable () -> MaintenanceOutcome
        /// It runs only while no other thread wants the processor, until `hurry`.
        var givesWay: Bool
    }

    private struct State {
        var jobs: [Job] = []
        var outcomes: [MaintenanceOutcome] = []
        var isStopping = false
        /// The thread, while it has a job that gives way.
        var idler: Int32?
        /// It did not come back from giving way: the process gave up the right to that. Another one takes its place.
        var isStranded = false
    }

    private let state = Mutex(State())
    private let signal = WakeSignal()
    private let onOutcome: @Sendable () -> Void
    private let thread = Mutex<DedicatedThread?>(nil)

    private let name: String
    private let niceness: Int32
    /// Whether jobs can give way to everybody: only if the thread may be hurried, too.
    private let canGiveWay: Atomic<Bool>
    /// The job under way gives way no longer. Without the lock: whoever hurries must not wait for one that gives way.
    private let isHurried = Atomic(false)

    /// - Parameters:
    ///   - givesWay: jobs may ask to run behind all other threads.
    ///   - onOutcome: called on this thread after each job; wakes the driver.
    init(name: String, niceness: Int32, givesWay: Bool = false, onOutcome: @escaping @Sendable () -> Void) {
        self.name = name
        self.niceness = niceness
        canGiveWay = Atomic(givesWay && IdleClass.isAllowed(niceness: niceness))
        self.onOutcome = onOutcome
    }

    func start() {
        thread.withLock { thread in
            thread = DedicatedThread(name: name, niceness: niceness) { [self] in run() }
        }
    }

    /// Queues a job.
    ///
    /// - Parameters:
    ///   - givesWay: it runs only while no other thread wants its processor, if this thread can do that. Whoever says so
    ///     watches it, and calls `hurry` when it does not get on.
    ///   - cancel: what becomes of it if the thread is stopped before its turn comes.
    func perform(
        givesWay: Bool = false, _ job: @escaping @Sendable () -> MaintenanceOutcome,
        cancel: @escaping @Sendable () -> MaintenanceOutcome
    ) {
        let givesWay = givesWay && canGiveWay.load(ordering: .relaxed)
        let isStranded = state.withLock { state in
            state.jobs.append(Job(run: job, cancel: cancel, givesWay: givesWay))
            return state.isStranded
        }
        if isStranded { replaceThread() }
        signal.signal()
    }

    /// The job under way, and those that wait, give way no longer. Of one thread at a time, which also stops this one.
    ///
    /// - Returns: false if none did.
    @discardableResult
    func hurry() -> Bool {
        let (idler, didWait) = state.withLock { state in
            let didWait = state.jobs.contains(where: \.givesWay)
            for index in state.jobs.indices { state.jobs[index].givesWay = false }
            defer { state.idler = nil }
            isHurried.store(true, ordering: .sequentiallyConsistent)
            return (state.idler, didWait)
        }
        // It may have ended the job meanwhile, or begun another: then that one does not give way, which does no harm.
        if let idler { _ = IdleClass.leave(idler) }
        return idler != nil || didWait
    }

    /// The thread that did not come back has ended, or is about to: it takes no job any more.
    private func replaceThread() {
        thread.withLock { thread in
            thread?.join()
            state.withLock { $0.isStranded = false }
            thread = DedicatedThread(name: name, niceness: niceness) { [self] in run() }
        }
    }

    /// What became of the jobs that ended since the last call.
    func takeOutcomes() -> [MaintenanceOutcome] {
        state.withLock { state in
            guard !state.outcomes.isEmpty else { return [] }
            let outcomes = state.outcomes
            state.outcomes.removeAll(keepingCapacity: true)
            return outcomes
        }
    }

    /// Ends the thread after the job it has under way; jobs behind it are cancelled. Waits for it.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            for job in state.jobs { state.outcomes.append(job.cancel()) }
            state.jobs.removeAll()
        }
        hurry()
        signal.signal()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    /// Does what the thread would, on the caller's, if that was not started: one job.
    ///
    /// - Returns: false if there was none.
    func step() -> Bool {
        guard let job = state.withLock({ takeJob(&$0) }) else { return false }
        // The class is changed without the lock: a thread that gives way could be put aside with it, and everybody wait.
        if job.givesWay { giveWay() }
        let outcome = job.run()
        if job.givesWay { comeBack() }
        state.withLock { state in
            state.idler = nil
            state.outcomes.append(outcome)
        }
        onOutcome()
        return true
    }

    private func takeJob(_ state: inout State) -> Job? {
        guard !state.jobs.isEmpty else { return nil }
        let job = state.jobs.removeFirst()
        if job.givesWay {
            state.idler = IdleClass.current
            isHurried.store(false, ordering: .sequentiallyConsistent)
        }
        return job
    }

    private func giveWay() {
        guard IdleClass.enter() else { return canGiveWay.store(false, ordering: .relaxed) }
        // Whoever hurried before this entered found nothing to bring back.
        if isHurried.load(ordering: .sequentiallyConsistent) { comeBack() }
    }

    private func comeBack() {
        if IdleClass.leave(IdleClass.current) { return }
        canGiveWay.store(false, ordering: .relaxed)
        state.withLock { $0.isStranded = true }
    }

    private func run() {
        while true {
            if step() {
                if state.withLock({ $0.isStranded }) { return }
                continue
            }
            if state.withLock({ $0.isStopping }) { return }
            signal.wait()
        }
    }
}

/// What became of a job of the maintenance thread.
enum MaintenanceOutcome: Sendable {
    case checkpoint(Result<CheckpointReport, MaintenanceFailure>)
    case snapshot(
        Result<SnapshotReport, MaintenanceFailure>, isOwn: Bool,
        @Sendable (Result<SnapshotReport, MaintenanceFailure>) -> Void)
    /// What was found damaged; nil if it was cancelled.
    case scrub(ScrubFindings?)
    /// A piece of a peer's snapshot was written, or not.
    case pieceWritten(MaintenanceFailure?)
    /// A peer's snapshot is here, and a store was made of it beside the present one.
    case prepared(PreparedStore)
    /// A piece of an own snapshot was read for a peer; nil if there is none.
    case offered((name: SnapshotName, bytes: [UInt8])?, SnapshotOffers.Request)
}

/// A checkpoint that is durable.
struct CheckpointReport: Sendable {
    var slot: Slot
    var milliseconds: UInt64
}

/// A snapshot that is durable and was read back.
package struct SnapshotReport: Sendable {
    package var path: String
    package var slot: Slot
    package var zxid: Zxid
    package var byteCount: UInt64
    package var milliseconds: UInt64

    package init(path: String, slot: Slot, zxid: Zxid, byteCount: UInt64, milliseconds: UInt64) {
        self.path = path
        self.slot = slot
        self.zxid = zxid
        self.byteCount = byteCount
        self.milliseconds = milliseconds
    }
}

/// Why a checkpoint or snapshot could not be written. What was there before is whole.
package struct MaintenanceFailure: Error, Sendable {
    package var message: String
    /// It may succeed once there is room on the disk.
    package var isOutOfSpace: Bool

    package init(_ message: String, isOutOfSpace: Bool = false) {
        self.message = message
        self.isOutOfSpace = isOutOfSpace
    }
}
