package import CoreTypes
internal import DurableLog
package import PosixIO
package import SystemPackage
internal import ZnodeTree

extension ReplicaEngine {
    /// Opens a directory and replays its log; the engine leads when this returns.
    ///
    /// - Parameters:
    ///   - path: the data directory; made if it is missing.
    ///   - openStore: gives the store of the directory.
    ///   - rebuildStore: makes it anew when it is damaged.
    ///   - wake: called by the engine's other threads when the driver should call `processCompletions`. It must not
    ///     block.
    /// - Throws: `EngineError`, and then nothing is open and nothing was deleted.
    package static func open(
        _ path: FilePath, options: EngineOptions, fileSystem: any FileSystem = RealFileSystem(),
        openStore: @escaping (DataDirectory) throws(EngineError) -> any EngineStore,
        rebuildStore: StoreRebuild.Function? = nil,
        wallClock: @escaping @Sendable () -> WallClockTime = { WallClock.now }, wake: @escaping @Sendable () -> Void
    ) throws(EngineError) -> ReplicaEngine {
        try EngineOpening(
            path: path, options: options, fileSystem: fileSystem, openStore: openStore, rebuildStore: rebuildStore,
            wallClock: wallClock, wake: wake
        ).open()
    }

    /// Opens a directory of this machine, with its store on LMDB.
    ///
    /// - Parameter onProgress: called by the engine's other threads when the driver should call `processCompletions`.
    package static func open(
        directory: String, options: EngineOptions, onProgress: @escaping @Sendable () -> Void
    ) throws(EngineError) -> ReplicaEngine {
        try open(
            FilePath(directory), options: options,
            openStore: { directory throws(EngineError) in
                try DiskStore(directory, byteCountMax: options.storeByteCountMax)
            },
            rebuildStore: { directory, identity, cause throws(EngineError) in
                let policy = options.cluster == nil ? options.log.policy : .cluster
                return try StoreRebuild(directory, identity, policy: policy).run(cause)
            }, wake: onProgress)
    }

    /// Ends in order: what was accepted is made durable, applied and answered, a checkpoint is taken, the log gets the
    /// mark of a clean stop. Waits for all of it. Nothing may be called afterwards.
    ///
    /// - Throws: why the end is not a clean one; nothing acknowledged is lost by that.
    package func close() throws(EngineError) {
        finishInFlight()
        prefetcher.stop()
        failSnapshotRequests("the store was closed before it")
        scrub?.cancel()
        maintenance.hurry()
        scrubbing.stop()
        transferring.stop()
        snapshotting.stop()
        maintenance.stop()
        processMaintenance()
        var trouble = stopReason
        if trouble == nil { trouble = lastCheckpoint() }
        if !options.log.runsOwnThreads { log.stepMark(isCleanStop: trouble == nil) }
        log.close()
        if trouble == nil { trouble = log.failure?.description }
        shared.withLock { $0.close() }
        store.close()
        directory.release()
        if let trouble { throw EngineError(.stopped, trouble) }
    }

    /// How long nothing may happen at the end before the disk is taken to hang.
    private static let hangSecondCountMax = 30

    /// Waits until what was proposed is applied, as long as the log gets on.
    private func finishInFlight() {
        endOfInput()
        var idleSecondCount = 0
        while stopReason == nil, isWorkUnderWay {
            if options.log.runsOwnThreads {
                // A slow disk or a checkpoint under way is waited for; a full disk, or one that hangs, is not.
                let isProgress = progress.wait(nanoseconds: 1_000_000_000)
                idleSecondCount = isProgress ? 0 : idleSecondCount + 1
                if !isProgress, log.status.isShortOfSpace || checkpoints.retryTick != nil { return }
                if idleSecondCount == Self.hangSecondCountMax { return }
            } else {
                log.stepWriter()
            }
            processCompletions()
        }
    }

    /// Alone, what was proposed; in a cluster, where others decide, what the log has not yet written.
    private var isWorkUnderWay: Bool {
        if isClustered { return !persistMarks.isEmpty && log.failure == nil }
        return !pending.isEmpty || !waiting.isEmpty
    }

    /// Writes what is in memory to the store, here and now.
    private func lastCheckpoint() -> String? {
        do throws(MaintenanceFailure) {
            guard appliedSlot > checkpoints.checkpointSlot else { return nil }
            guard isAppliedDurable else {
                return "the log could not be written; the next start fetches what is missing"
            }
            if let frozen = shared.withLock({ $0.frozenDelta }) {
                try store.writeCheckpoint(frozen)
                try dropFrozen()
            }
            try store.writeCheckpoint(shared.withLock { $0.freeze() })
            return nil
        } catch {
            return "the last checkpoint could not be written, the next start replays the log: \(error.message)"
        }
    }

    private func dropFrozen() throws(MaintenanceFailure) {
        do throws(StorageFault) {
            try shared.withLock { tree throws(StorageFault) in try tree.dropFrozen() }
        } catch {
            throw MaintenanceFailure(error.description)
        }
    }
}
