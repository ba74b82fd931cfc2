package import CoreTypes
internal import PosixIO
internal import Synchronization

/// The thread for work that can wait: checkpoints, snapshots, scrubbing. One job at a time, at low priority.
///
/// A job touches what it was given and never the engine; what became of it is picked up by the driver, which is woken.
final class MaintenanceThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> MaintenanceOutcome] = []
        var outcomes: [MaintenanceOutcome] = []
        var isStopping = false
    }

    private let state = Mutex(State())
    private let signal = WakeSignal()
    private let onOutcome: @Sendable () -> Void
    private let thread = Mutex<DedicatedThread?>(nil)

    /// - Parameter onOutcome: called on this thread after each job; wakes the driver.
    init(onOutcome: @escaping @Sendable () -> Void) {
        self.onOutcome = onOutcome
    }

    func start() {
        thread.withLock { thread in
            thread = DedicatedThread(name: "aviary-maint", niceness: 5) { [self] in run() }
        }
    }

    /// Queues a job.
    func perform(_ job: @escaping @Sendable () -> MaintenanceOutcome) {
        state.withLock { $0.jobs.append(job) }
        signal.signal()
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

    /// Ends the thread after the job it has under way; jobs behind it are dropped. Waits for it.
    func stop() {
        state.withLock { state in
            state.isStopping = true
            state.jobs.removeAll()
        }
        signal.signal()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func run() {
        while true {
            let (job, isStopping) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopping)
            }
            if let job {
                let outcome = job()
                state.withLock { $0.outcomes.append(outcome) }
                onOutcome()
            } else if isStopping {
                return
            } else {
                signal.wait()
            }
        }
    }
}

/// What became of a job of the maintenance thread.
enum MaintenanceOutcome: Sendable {
    case checkpoint(Result<CheckpointReport, MaintenanceFailure>)
    case snapshot(
        Result<SnapshotReport, MaintenanceFailure>, isOwn: Bool,
        @Sendable (Result<SnapshotReport, MaintenanceFailure>) -> Void)
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
