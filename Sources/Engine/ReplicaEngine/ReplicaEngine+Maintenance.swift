internal import Consensus
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
    /// It is one of the directory's own, and lets the log before it go.
    var isOwn = false
    var done: @Sendable (Result<SnapshotReport, MaintenanceFailure>) -> Void
}

extension ReplicaEngine {
    /// How long after a failed checkpoint the next one is tried.
    private static let retryMilliseconds: UInt64 = 2_000
    /// How long after a failed snapshot the next one is tried.
    private static let snapshotRetryMilliseconds: UInt64 = 60_000

    /// Takes a snapshot that holds everything acknowledged so far.
    ///
    /// - Parameters:
    ///   - path: of the file; nil for the directory's own snapshots.
    ///   - done: called on the driver's thread.
    package func requestSnapshot(
        to path: FilePath?, done: @escaping @Sendable (Result<SnapshotReport, MaintenanceFailure>) -> Void
    ) {
        if let stopReason { return done(.failure(MaintenanceFailure(stopReason))) }
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
        let mustHurry = checkpoints.mustHurry(now: now, isAwaited: isInstalling, options: options)
        if mustHurry, maintenance.hurry() { counters.hurriedCheckpoints += 1 }
        guard !isInstalling else { return }
        if isAppliedDurable, checkpoints.isCheckpointDue(now: now, options: options) { beginCheckpoint() }
        startRequestedSnapshot()
        beginScrub()
        if checkpoints.isSnapshotDue(now: now, storeByteCount: store.byteCount, options: options) {
            beginSnapshot(SnapshotRequest(path: nil, slot: .none) { _ in }, isOwn: true)
        }
    }

    /// Reads everything again when it is time to.
    private func beginScrub() {
        guard let options = options.scrub, scrub == nil, now >= scrubTick else { return }
        scrubTick = now.adding(milliseconds: options.intervalMilliseconds)
        let scrub = Scrub(bytesPerSecond: options.bytesPerSecond)
        self.scrub = scrub
        let snapshots = SnapshotDirectory(directory.snapshotPath, fileSystem: directory.fileSystem)
        let (store, log) = (store, log)
        let job: @Sendable () -> MaintenanceOutcome = { .scrub(scrub.run(store, log, snapshots)) }
        scrubbing.perform(job) { .scrub(nil) }
    }

    /// What is applied is durable in the own log: in a cluster a slot may be chosen, and applied, before that.
    var isAppliedDurable: Bool {
        guard appliedSequence <= log.durableSequence, unrecordedMembership == nil else { return false }
        return !refusedRecords.contains { held in
            if case .accept(let accept) = held.record { accept.slot <= appliedSlot } else { false }
        }
    }

    /// Freezes the active delta and lets the maintenance thread write it.
    ///
    /// Invariant (`design.md` D2): what is applied is durable in this log, so the checkpoint does not go beyond it.
    private func beginCheckpoint() {
        let (delta, isNew): (Delta, Bool) = shared.withLock { tree in
            if let frozen = tree.frozenDelta { return (frozen, false) }
            return (tree.freeze(), true)
        }
        let givesWay = checkpoints.checkpointBegan(now: now, isNew: isNew)
        invariant(delta.meta.appliedSlot <= appliedSlot, "a checkpoint beyond what is applied")
        let store = store
        let job: @Sendable () -> MaintenanceOutcome = {
            let start = MonotonicClock.nanoseconds
            do throws(MaintenanceFailure) {
                try store.writeCheckpoint(delta)
            } catch {
                return .checkpoint(.failure(error))
            }
            let milliseconds = (MonotonicClock.nanoseconds - start) / 1_000_000
            return .checkpoint(.success(CheckpointReport(slot: delta.meta.appliedSlot, milliseconds: milliseconds)))
        }
        maintenance.perform(givesWay: givesWay, job) {
            .checkpoint(.failure(MaintenanceFailure("the store was closed before it")))
        }
    }

    private func startRequestedSnapshot() {
        guard !checkpoints.isSnapshotRunning,
            let index = snapshotRequests.firstIndex(where: { $0.slot <= checkpoints.checkpointSlot })
        else { return }
        let request = snapshotRequests.remove(at: index)
        beginSnapshot(request, isOwn: request.isOwn)
    }

    func beginSnapshot(_ request: SnapshotRequest, isOwn: Bool) {
        checkpoints.snapshotBegan(now: now, isOwn: isOwn)
        let snapshots = SnapshotDirectory(directory.snapshotPath, fileSystem: directory.fileSystem)
        let (store, identity, countKept) = (store, identity, options.snapshotCountKept)
        let time = wallClock()
        let job: @Sendable () -> MaintenanceOutcome = {
            let result: Result<SnapshotReport, MaintenanceFailure>
            do throws(MaintenanceFailure) {
                let report = try store.writeSnapshot(
                    to: request.path, in: snapshots, identity: identity, time: time)
                // A snapshot too many does no harm: it is tried again after the next one.
                if isOwn { _ = try? snapshots.keepNewest(countKept) }
                result = .success(report)
            } catch {
                result = .failure(error)
            }
            return .snapshot(result, isOwn: isOwn, request.done)
        }
        snapshotting.perform(job) {
            .snapshot(.failure(MaintenanceFailure("the store was closed before it")), isOwn: isOwn, request.done)
        }
    }

    /// Tells everybody who waits for a snapshot that none will come.
    func failSnapshotRequests(_ reason: String) {
        let requests = snapshotRequests
        snapshotRequests.removeAll()
        for request in requests { request.done(.failure(MaintenanceFailure(reason))) }
    }

    /// Picks up what the maintenance thread finished.
    func processMaintenance() {
        let outcomes =
            maintenance.takeOutcomes() + snapshotting.takeOutcomes() + scrubbing.takeOutcomes()
            + transferring.takeOutcomes()
        for outcome in outcomes {
            switch outcome {
            case .checkpoint(.success(let report)): checkpointEnded(report)
            case .checkpoint(.failure(let failure)):
                counters.failedCheckpoints += 1
                counters.maintenanceTrouble = failure.message
                checkpoints.checkpointFailed(retry: now.adding(milliseconds: Self.retryMilliseconds))
            case .snapshot(let result, let isOwn, let done):
                snapshotEnded(result, isOwn: isOwn)
                done(result)
            case .scrub(let findings):
                scrub = nil
                guard let findings else { continue }
                counters.scrubs += 1
                counters.scrubFindings = findings.all
                if isClustered, let finding = findings.ofStore.first { storeFailed(finding) }
            case .pieceWritten(let failure): if let failure { installationFailed(failure) }
            case .prepared(let prepared): storeIsPrepared(prepared)
            case .offered(let piece, let request): sendPiece(piece, request)
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
            checkpoints.noteStore(byteCount: store.byteCount)
        } catch {
            // The store is to be replaced, which waits for checkpoints.
            checkpoints.isRunning = false
            return storeFailed("the store could not be read after a checkpoint: \(error)")
        }
        counters.checkpoints += 1
        counters.lastCheckpointMilliseconds = report.milliseconds
        counters.maintenanceTrouble = ""
        if snapshotRequests.contains(where: { $0.slot > report.slot }) { checkpoints.isRequested = true }
        retainLog()
    }

    /// Lets the log go that nobody needs, and lets consensus know from where on peers can be served.
    func retainLog() {
        log.retain(checkpoint: checkpoints.checkpointSlot, snapshot: checkpoints.snapshotSlot)
        if isClustered { consensus.retained(from: log.firstRetainedSlot) }
    }

    private func snapshotEnded(_ result: Result<SnapshotReport, MaintenanceFailure>, isOwn: Bool) {
        switch result {
        case .success(let report):
            counters.snapshots += 1
            if isOwn { checkpoints.snapshotEnded(slot: report.slot) } else { checkpoints.snapshotEnded() }
            retainLog()
        case .failure(let failure):
            counters.failedSnapshots += 1
            counters.maintenanceTrouble = failure.message
            checkpoints.snapshotEnded(
                retry: isOwn ? now.adding(milliseconds: Self.snapshotRetryMilliseconds) : nil)
        }
    }
}
