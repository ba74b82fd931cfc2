internal import CoreTypes
internal import DurableLog
internal import PosixIO
internal import SnapshotFile
package import SystemPackage
internal import ZnodeTree

/// Somebody waits for a snapshot of everything that was acknowledged when he asked.
struct SnapshotRequest {
    /// Nil: into the directory's own snapshots.
    var path: FilePath?
    /// The checkpoint must stand at this slot at least.
    var slot: Slot
    var isRunning = false
    var done: @Sendable (Result<SnapshotReport, MaintenanceFailure>) -> Void
}

extension ReplicaEngine {
    /// How long after a failed checkpoint the next one is tried.
    private static let retryMilliseconds: UInt64 = 2_000

    /// Takes a snapshot that holds everything acknowledged so far.
    ///
    /// - Parameters:
    ///   - path: of the file; nil for the directory's own snapshots.
    ///   - done: called on the driver's thread.
    package func requestSnapshot(
        to path: FilePath?, done: @escaping @Sendable (Result<SnapshotReport, MaintenanceFailure>) -> Void
    ) {
        snapshotRequests.append(SnapshotRequest(path: path, slot: appliedSlot, done: done))
        if checkpoints.checkpointSlot < appliedSlot { checkpoints.isRequested = true }
        scheduleMaintenance()
    }

    /// Asks for a checkpoint soon, whatever changed.
    package func requestCheckpoint() {
        checkpoints.isRequested = true
        scheduleMaintenance()
    }

    func scheduleMaintenance() {
        guard stopReason == nil else { return }
        if checkpoints.isCheckpointDue(now: now, options: options) { beginCheckpoint() }
        startRequestedSnapshot()
        if checkpoints.isSnapshotDue(now: now, storeByteCount: store.byteCount, options: options) {
            beginSnapshot(SnapshotRequest(path: nil, slot: .none, isRunning: true) { _ in })
        }
    }

    /// Freezes the active delta and lets the maintenance thread write it.
    ///
    /// Invariant (`design.md` D2): what is applied is durable in this log, so the checkpoint does not go beyond it.
    private func beginCheckpoint() {
        checkpoints.checkpointBegan(now: now)
        let delta: Delta = shared.withLock { tree in tree.frozenDelta ?? tree.freeze() }
        invariant(delta.meta.appliedSlot <= appliedSlot, "a checkpoint beyond what is applied")
        let store = store
        maintenance.perform {
            let start = MonotonicClock.nanoseconds
            do throws(MaintenanceFailure) {
                try store.writeCheckpoint(delta)
            } catch {
                return .checkpoint(.failure(error))
            }
            let milliseconds = (MonotonicClock.nanoseconds - start) / 1_000_000
            return .checkpoint(.success(CheckpointReport(slot: delta.meta.appliedSlot, milliseconds: milliseconds)))
        }
    }

    private func startRequestedSnapshot() {
        guard !checkpoints.isSnapshotRunning,
            let index = snapshotRequests.firstIndex(where: { $0.slot <= checkpoints.checkpointSlot })
        else { return }
        beginSnapshot(snapshotRequests.remove(at: index))
    }

    private func beginSnapshot(_ request: SnapshotRequest) {
        checkpoints.snapshotBegan(now: now)
        let snapshots = SnapshotDirectory(directory.snapshotPath, fileSystem: directory.fileSystem)
        let path = request.path ?? snapshots.path(of: checkpoints.checkpointSlot)
        let (store, identity, countKept) = (store, identity, options.snapshotCountKept)
        let time = wallClock()
        maintenance.perform {
            let result: Result<SnapshotReport, MaintenanceFailure>
            do throws(MaintenanceFailure) {
                let report = try store.writeSnapshot(to: path, identity: identity, time: time)
                // A snapshot too many does no harm: it is tried again after the next one.
                if request.path == nil { _ = try? snapshots.keepNewest(countKept) }
                result = .success(report)
            } catch {
                result = .failure(error)
            }
            return .snapshot(result, isOwn: request.path == nil, request.done)
        }
    }

    /// Picks up what the maintenance thread finished.
    func processMaintenance() {
        for outcome in maintenance.takeOutcomes() {
            switch outcome {
            case .checkpoint(.success(let report)): checkpointEnded(report)
            case .checkpoint(.failure(let failure)):
                counters.failedCheckpoints += 1
                counters.maintenanceTrouble = failure.message
                checkpoints.isRunning = false
                checkpoints.isRequested = true
                checkpoints.retryTick = now.adding(milliseconds: Self.retryMilliseconds)
            case .snapshot(let result, let isOwn, let done):
                snapshotEnded(result, isOwn: isOwn)
                done(result)
            }
        }
    }

    private func checkpointEnded(_ report: CheckpointReport) {
        do throws(StorageFault) {
            let deltaByteCount = try shared.withLock { tree throws(StorageFault) in
                try tree.dropFrozen()
                return tree.deltaByteCount
            }
            checkpoints.checkpointEnded(slot: report.slot, deltaByteCount: deltaByteCount)
        } catch {
            return stop("the store could not be read after a checkpoint: \(error)")
        }
        counters.checkpoints += 1
        counters.lastCheckpointMilliseconds = report.milliseconds
        counters.maintenanceTrouble = ""
        log.retain(checkpoint: checkpoints.checkpointSlot, snapshot: checkpoints.snapshotSlot)
    }

    private func snapshotEnded(_ result: Result<SnapshotReport, MaintenanceFailure>, isOwn: Bool) {
        switch result {
        case .success(let report):
            counters.snapshots += 1
            checkpoints.snapshotEnded(slot: isOwn ? report.slot : nil)
            log.retain(checkpoint: checkpoints.checkpointSlot, snapshot: checkpoints.snapshotSlot)
        case .failure(let failure):
            counters.failedSnapshots += 1
            counters.maintenanceTrouble = failure.message
            checkpoints.snapshotEnded(slot: nil)
        }
    }
}
