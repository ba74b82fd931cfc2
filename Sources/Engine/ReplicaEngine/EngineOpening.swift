internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import PosixIO
internal import SnapshotFile
internal import SystemPackage
internal import ZnodeTree

/// Opens a directory: lock, store, log, replay, lead.
///
/// Order, and why (`design.md` §5, D2, D4):
/// 1. the lock, so that nobody else writes;
/// 2. the store, which says from which slot on the log is needed;
/// 3. the log, which syncs what it reads before anything is done about it, and cuts only what was never acknowledged;
/// 4. the identity: on a first start it becomes durable after log and store are there and before anything is
///    acknowledged, so that a directory without one holds nothing that was promised;
/// 5. the replay of what was accepted after the checkpoint (alone, all of that is chosen);
/// 6. a promise of a higher ballot than in any earlier life, durable before the first proposal.
struct EngineOpening {
    let path: FilePath
    let options: EngineOptions
    let fileSystem: any FileSystem
    let openStore: (DataDirectory) throws(EngineError) -> any EngineStore
    /// Makes the store anew, and says how; nil where the store cannot be.
    let rebuildStore: StoreRebuild.Function?
    let wallClock: @Sendable () -> WallClockTime
    let wake: @Sendable () -> Void
    private let progress = WakeSignal()
    private let startNanoseconds = MonotonicClock.nanoseconds

    init(
        path: FilePath, options: EngineOptions, fileSystem: any FileSystem,
        openStore: @escaping (DataDirectory) throws(EngineError) -> any EngineStore,
        rebuildStore: StoreRebuild.Function?, wallClock: @escaping @Sendable () -> WallClockTime,
        wake: @escaping @Sendable () -> Void
    ) {
        self.path = path
        self.options = options
        self.fileSystem = fileSystem
        self.openStore = openStore
        self.rebuildStore = rebuildStore
        self.wallClock = wallClock
        self.wake = wake
    }

    func open() throws(EngineError) -> ReplicaEngine {
        let directory = try DataDirectory(
            path, logDirectory: options.logDirectory.map { FilePath($0) }, fileSystem: fileSystem)
        do throws(EngineError) {
            return try openOrRebuild(directory, try identity(of: directory))
        } catch {
            directory.release()
            throw error
        }
    }

    private func identity(of directory: DataDirectory) throws(EngineError) -> DirectoryIdentity? {
        if let founding = options.cluster?.founding { return try directory.readIdentity(of: founding) }
        let identity = try directory.readIdentity()
        // Alone, everything accepted would pass for chosen.
        guard let founding = identity?.founding else { return identity }
        let voters = founding.voters.map { "\($0.rawValue)" }.joined(separator: ", ")
        throw EngineError(
            .directoryNotUsable,
            "\(path): this is the directory of a replica of a cluster, of the voters \(voters): open it with the "
                + "configuration that names the cluster's members")
    }

    /// A store that is damaged or missing is made anew, once, from what else on this disk proves what it held.
    private func openOrRebuild(
        _ directory: DataDirectory, _ known: DirectoryIdentity?
    ) throws(EngineError) -> ReplicaEngine {
        do throws(EngineError) {
            return try open(directory, known, notices: [], endsInstallation: rebuildStore != nil)
        } catch {
            guard error.kind == .damagedStore, let known, let rebuildStore else { throw error }
            let notice = try rebuildStore(directory, known, error)
            return try open(directory, known, notices: [notice], endsInstallation: false)
        }
    }

    private func open(
        _ directory: DataDirectory, _ known: DirectoryIdentity?, notices: [String], endsInstallation: Bool
    ) throws(EngineError) -> ReplicaEngine {
        let store = try openStore(directory)
        let tree: ZnodeTree
        do throws(StorageFault) {
            tree = try ZnodeTree(base: store)
        } catch {
            store.close()
            throw EngineError(.damagedStore, "the store cannot be read: \(error)")
        }
        do throws(EngineError) {
            return try open(directory, known, store, tree, notices, endsInstallation)
        } catch {
            store.close()
            throw error
        }
    }

    private func open(
        _ directory: DataDirectory, _ known: DirectoryIdentity?, _ store: any EngineStore, _ tree: ZnodeTree,
        _ notices: [String], _ endsInstallation: Bool
    ) throws(EngineError) -> ReplicaEngine {
        var report = ReplayReport()
        report.notices = notices
        report.checkpointSlot = tree.appliedSlot
        let (log, recovered) = try openLog(directory, known, after: tree.appliedSlot)
        report.log = recovered.report
        do throws(EngineError) {
            if endsInstallation, recovered.baseSlot > tree.appliedSlot {
                let slot = recovered.baseSlot.rawValue
                throw EngineError(
                    .damagedStore, "the store is older than the snapshot of slot \(slot) that was to replace it")
            }
            let identity = try settleIdentity(directory, known, recovered, log)
            try replay(recovered, log, into: tree, storeByteCount: store.byteCount, &report)
            store.forgetReads()
            let life = try directory.takeLifeNumber(
                atLeast: max(recovered.promised.round + 1, identity.firstLifeNumber))
            return try makeEngine(directory, identity, store, tree, log, recovered, report, life)
        } catch {
            log.close()
            // The next start finds the log already cut: what this one cut must be said now.
            guard recovered.report.cut?.mayHaveBeenAcknowledged == true else { throw error }
            throw EngineError(
                error.kind, "\(error); the log's last group was torn and cut, and its writes may have been acknowledged"
            )
        }
    }

    // MARK: Log

    private func openLog(
        _ directory: DataDirectory, _ known: DirectoryIdentity?, after checkpoint: Slot
    ) throws(EngineError) -> (DurableLog, RecoveredLog) {
        var logOptions = options.log
        // A store with a checkpoint, or an identity, was made after its log: then the log must be there.
        logOptions.mayCreate = checkpoint == .none && known == nil
        let founding = options.cluster?.founding
        let expected =
            known.map { LogIdentity(clusterID: $0.cluster, incarnation: $0.incarnation) }
            ?? founding.map { LogIdentity(clusterID: $0.cluster, incarnation: $0.incarnation) }
        if options.cluster != nil {
            logOptions.policy = .cluster
            logOptions.retainedTailByteCount = options.logByteCountForPeers
        }
        let (progress, wake) = (progress, wake)
        do throws(LogError) {
            return try DurableLog.open(
                fileSystem: fileSystem, directory: directory.logPath, options: logOptions, identity: expected,
                firstSlotNeeded: checkpoint.next
            ) {
                progress.signal()
                wake()
            }
        } catch {
            throw EngineError(log: error)
        }
    }

    // MARK: Identity

    /// The identity of the directory; on a first start it is written, after a membership is durable in the log.
    private func settleIdentity(
        _ directory: DataDirectory, _ known: DirectoryIdentity?, _ recovered: RecoveredLog, _ log: DurableLog
    ) throws(EngineError) -> DirectoryIdentity {
        if let known {
            guard known.replica == options.replica else {
                throw EngineError(
                    .damaged,
                    "\(path): this is the directory of replica \(known.replica.rawValue), and the configuration says "
                        + "\(options.replica.rawValue): use the directory that belongs to it")
            }
            return known
        }
        guard recovered.highestSlot == .none else {
            throw EngineError(
                .damaged,
                "\(path): the file \"identity\" is missing, but \(directory.logPath) holds proposals up to slot "
                    + "\(recovered.highestSlot.rawValue): put the file back from a backup")
        }
        let identity = DirectoryIdentity(
            cluster: recovered.identity.clusterID, incarnation: recovered.identity.incarnation,
            replica: options.replica, foundingMembers: options.cluster?.founding.membership)
        let membership = MembershipCodec.encode(identity.firstMembership)
        do throws(LogRefusal) {
            let sequence = try unsafe log.append(membership: membership.span.bytes)
            try waitUntilDurable(sequence, log)
        } catch {
            throw EngineError(.diskFull, "\(directory.logPath): the log cannot be begun: \(error)")
        }
        if let failure = log.failure { throw EngineError(.directoryNotUsable, "\(directory.logPath): \(failure)") }
        try directory.write(identity)
        return identity
    }

    private func memberships(
        of tree: ZnodeTree, _ identity: DirectoryIdentity
    ) throws(EngineError) -> [ScheduledMembership] {
        guard let found = MembershipSchedule.memberships(of: tree, founding: identity.firstMembership) else {
            throw EngineError(.newerVersion, MembershipSchedule.unreadable(in: path.string))
        }
        return found
    }

    private func waitUntilDurable(_ sequence: LogSequence, _ log: DurableLog) throws(LogRefusal) {
        log.submit()
        while log.durableSequence < sequence {
            if log.failure != nil { throw .failed }
            if options.log.runsOwnThreads { progress.wait() } else { log.stepWriter() }
        }
    }

    // MARK: Replay

    /// Applies what was accepted after the checkpoint, in slot order. Alone, what is accepted is chosen; in a cluster that
    /// which the log knows to be.
    private func replay(
        _ recovered: RecoveredLog, _ log: DurableLog, into tree: ZnodeTree, storeByteCount: Int,
        _ report: inout ReplayReport
    ) throws(EngineError) {
        let start = MonotonicClock.nanoseconds
        let bytes = ByteBuilder(capacity: 1_048_576)
        let output = ApplyOutput()
        guard recovered.reachedSlot >= tree.appliedSlot else {
            throw EngineError(
                .damaged,
                "\(path): the store stands at slot \(tree.appliedSlot.rawValue), the log ends at "
                    + "\(recovered.reachedSlot.rawValue): the log's newest segments are missing; put them back")
        }
        let isClustered = options.cluster != nil
        let commandCountMax = min(
            options.commandsPerCheckpointMax, CheckpointSchedule.commandCountDue(storeByteCount: storeByteCount))
        for entry in recovered.accepted where entry.slot > tree.appliedSlot {
            if isClustered, entry.slot > recovered.chosenThrough || recovered.mayMissRecords { break }
            guard entry.slot == tree.appliedSlot.next, entry.state == .whole else {
                // The others have it.
                if isClustered { break }
                throw EngineError(
                    .damagedStore,
                    "\(path): the log has no whole proposal for slot \(tree.appliedSlot.next.rawValue), which the store "
                        + "needs next: run aviaryctl verify on the directory")
            }
            bytes.removeAll()
            output.removeAll()
            try apply(entry.slot, bytes, log, tree, output)
            report.activeCommandCount += max(output.results.count, 1)
            // Before the end there may have been a checkpoint under way and almost another on top: together they would
            // take the memory of two.
            if tree.frozenDelta == nil, report.activeCommandCount >= commandCountMax {
                _ = tree.freeze()
                report.activeCommandCount = 0
            }
        }
        report.slotCount = Int(tree.appliedSlot.rawValue - report.checkpointSlot.rawValue)
        report.replayNanoseconds = MonotonicClock.nanoseconds - start
    }

    private func apply(
        _ slot: Slot, _ bytes: ByteBuilder, _ log: DurableLog, _ tree: ZnodeTree, _ output: ApplyOutput
    ) throws(EngineError) {
        do throws(LogError) {
            _ = try log.read(slot, into: bytes)
        } catch {
            throw EngineError(log: error)
        }
        do throws(StorageFault) {
            try tree.apply(slot: slot, proposal: bytes.bytes, into: output)
        } catch {
            throw EngineError(.damagedStore, "the store could not be read while the log was replayed: \(error)")
        }
    }

    // MARK: Engine

    private func makeEngine(
        _ directory: DataDirectory, _ identity: DirectoryIdentity, _ store: any EngineStore, _ tree: ZnodeTree,
        _ log: DurableLog, _ recovered: RecoveredLog, _ report: ReplayReport, _ lifeNumber: UInt64
    ) throws(EngineError) -> ReplicaEngine {
        let now = options.clock()
        let state = try AcceptorState(
            recovered, try memberships(of: tree, identity), tree, log, isClustered: options.cluster != nil
        ).state()
        let own = ReplicaIdentity(replica: identity.replica, incarnation: identity.incarnation)
        let consensus = ConsensusReplica(configuration: consensusConfiguration(own), recovered: state)
        let (progress, wake) = (progress, wake)
        let onOutcome: @Sendable () -> Void = {
            progress.signal()
            wake()
        }
        let maintenance = MaintenanceThread(
            name: "aviary-maint", niceness: 5, givesWay: options.runsMaintenanceThreads, onOutcome: onOutcome)
        let snapshotting = MaintenanceThread(name: "aviary-snapshot", niceness: 15, onOutcome: onOutcome)
        let scrubbing = MaintenanceThread(name: "aviary-scrub", niceness: 19, onOutcome: onOutcome)
        let transferring = MaintenanceThread(name: "aviary-transfer", niceness: 5, onOutcome: onOutcome)
        let time = max(tree.lastTime, wallClock())
        var parts = EngineParts(
            options: options, directory: directory, identity: identity, shared: SharedTree(tree), store: store,
            log: log, maintenance: maintenance, snapshotting: snapshotting, scrubbing: scrubbing,
            transferring: transferring, consensus: consensus, progress: progress, wallClock: wallClock,
            now: now, lifeNumber: lifeNumber, appliedSlot: tree.appliedSlot, chosenSlot: state.chosenThrough,
            peers: options.cluster == nil ? nil : PeerTraffic(),
            appliedZxid: tree.lastZxid, lastStamp: time,
            snapshotSlot: newestSnapshot(directory, through: tree.appliedSlot),
            sessions: tree.openSessions, nextSessionNumber: firstSessionNumber(tree, time), replay: report)
        parts.replay.openNanoseconds = MonotonicClock.nanoseconds - startNanoseconds
        let engine = ReplicaEngine(parts)
        engine.adoptMembership(of: tree, recorded: recovered.membership)
        if options.cluster == nil { try engine.lead() } else { engine.follow() }
        if options.runsMaintenanceThreads {
            maintenance.start()
            snapshotting.start()
            scrubbing.start()
            if options.cluster != nil { transferring.start() }
        }
        return engine
    }

    private func consensusConfiguration(_ own: ReplicaIdentity) -> Configuration {
        var random = SystemRandomNumberGenerator()
        var configuration = Configuration(identity: own, seed: options.cluster?.seed ?? random.next())
        guard let cluster = options.cluster else { return configuration }
        configuration.priority = cluster.priority
        configuration.electionTimeoutMilliseconds = cluster.electionTimeoutMilliseconds
        configuration.heartbeatMilliseconds = cluster.heartbeatMilliseconds
        return configuration
    }

    /// As ZooKeeper makes them, the replica in the top byte and then the time, so that they rise from life to life; and
    /// above any that was given out before.
    private func firstSessionNumber(_ tree: ZnodeTree, _ time: WallClockTime) -> UInt64 {
        let fromTime = (UInt64(bitPattern: time.rawValue) << 24) >> 8
        let number = UInt64(options.replica.rawValue) << 56 | (fromTime & 0x00FF_FFFF_FFFF_FFFF)
        return max(number, tree.highestSessions[options.replica.rawValue].rawValue + 1)
    }

    /// The newest snapshot by name; whether it is whole is found out when it is used. One of a slot that was never
    /// reached here belongs to something else.
    private func newestSnapshot(_ directory: DataDirectory, through slot: Slot) -> Slot {
        let snapshots = SnapshotDirectory(directory.snapshotPath, fileSystem: fileSystem)
        try? snapshots.removeTemporaries()
        return (try? snapshots.slots().first { $0 <= slot }) ?? .none
    }
}

extension ReplicaEngine {
    /// Begins as one of several: it waits for a leader, or for its time-out.
    fileprivate func follow() {
        effects.removeAll()
        consensus.start(at: now, into: &effects)
        interpretEffects()
    }

    /// Takes the lead before anything is served: the promise must be durable first.
    fileprivate func lead() throws(EngineError) {
        effects.removeAll()
        consensus.start(at: now, into: &effects)
        interpretEffects()
        log.submit()
        while !consensus.isServing {
            if let failure = log.failure { throw EngineError(.directoryNotUsable, "\(failure)") }
            if options.log.runsOwnThreads { progress.wait() } else { log.stepWriter() }
            takeDurable()
            effects.removeAll()
            consensus.applied(through: appliedSlot, into: &effects)
            interpretEffects()
            log.submit()
        }
    }
}

extension EngineError {
    /// From what the log says.
    init(log error: LogError) {
        switch error {
        case .file(let cause): self.init(file: cause, purpose: "the log cannot be opened")
        case .newerVersion: self.init(.newerVersion, error.description)
        case .options: self.init(.directoryNotUsable, error.description)
        case .missing, .identityMismatch, .damaged, .missingSegment: self.init(.damaged, error.description)
        case .missingSlots: self.init(.damagedStore, error.description)
        }
    }
}
