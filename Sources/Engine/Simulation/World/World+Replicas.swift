import Consensus
import CoreTypes
import DurableLog
import PosixIO
import ReplicaEngine
import SystemPackage
import ZnodeTree

/// Starts and ends of processes.
extension World {
    /// Starts a replica on its disk; it may lose its power while it starts.
    func start(_ replica: SimulatedReplica) {
        replica.life += 1
        replica.isTurnEndDue = false
        replica.isWriteDue = false
        replica.isCompletionDue = false
        replica.detaching.removeAll()
        replica.held.removeAll()
        replica.heldFrames.removeAll()
        replica.setClocks(now)
        let mayCrash = phase == .safety && replica.life > 1 && plan.nemeses.contains(.crash) && generator.oneIn(4)
        let moment = Moment(skipping: mayCrash ? generator.index(40) : Int.max)
        if mayCrash { replica.disk.observe { _, image in moment.note(image) } }
        let engine: ReplicaEngine
        do throws(EngineError) {
            engine = try open(replica)
        } catch {
            if error.kind == .damaged, replica.hasUnreadableBlocks { return copyDisk(of: replica) }
            guard replica.isDiskFull, error.kind == .diskFull || error.kind == .directoryNotUsable else {
                return fail(.safety, "replica \(replica.id.rawValue) does not start: \(error)")
            }
            counters.startsWithoutRoom += 1
            replica.replaceDisk(replica.disk.image)
            return schedule(.restart(replica.place), after: 100_000)
        }
        replica.disk.observe(nil)
        if let image = moment.image {
            counters.crashesInStart += 1
            engine.abandon()
            replica.replaceDisk(crashed(image, at: replica))
            return schedule(.restart(replica.place), after: generator.next() % 500_000)
        }
        run(engine, at: replica)
    }

    private func open(_ replica: SimulatedReplica) throws(EngineError) -> ReplicaEngine {
        let face = replica.face
        let (base, disk, mutant) = (replica.base, replica.disk, options.mutant)
        return try ReplicaEngine.open(
            "/data", options: engineOptions(of: replica), fileSystem: replica.disk,
            openStore: { _ in SimulatedStore(base, disk, mutant: mutant) }, wallClock: { face.wall }, wake: {})
    }

    private func run(_ engine: ReplicaEngine, at replica: SimulatedReplica) {
        counters.starts += 1
        counters.replayedSlots += engine.replay.slotCount
        if engine.replay.log.cut != nil { counters.torn += 1 }
        counters.damagesFound += engine.replay.log.damages.count
        replica.engine = engine
        replica.knownRole = ""
        if options.mutant == .staleDisk, replica.stale == nil || generator.oneIn(3) {
            replica.stale = (replica.disk.image, replica.base.copy())
        }
        agreement.started(replica.id, from: engine.appliedSlot)
        if engine.appliedSlot > .none { noteDigest(of: engine, at: replica) }
        engine.register(replica)
        engine.connect(replica)
        engine.observer = replica
        replica.setClocks(now)
        engine.tick(now: replica.face.tick)
        for other in replicas where other !== replica {
            let (own, peer) = (replica.id, other.id)
            if other.engine != nil, !network.isConnected(own, peer) { dueReconnect(replica.place, other.place) }
        }
        schedule(.tick(replica.place, life: replica.life), after: generator.next() % 20_000)
        schedule(.maintenance(replica.place, life: replica.life), after: generator.next() % 60_000)
        dueWrite(replica)
    }

    private func engineOptions(of replica: SimulatedReplica) -> EngineOptions {
        let face = replica.face
        var options = EngineOptions()
        options.replica = replica.id
        options.log.segmentByteCount = plan.segmentByteCount
        options.log.syncMode = self.options.mutant == .unsyncedLog ? .unsafeNoSync : plan.syncMode
        options.log.runsOwnThreads = false
        // No two lives may have segments of one generation.
        options.log.randomSeed = generator.next()
        options.runsMaintenanceThreads = false
        options.clock = { face.tick }
        options.applyClock = { 0 }
        options.scrub = nil
        options.commandsPerCheckpointMax = plan.commandsPerCheckpoint
        // What these measure is the machine, which must decide nothing.
        options.replayMillisecondsCheckpoint = 1 << 40
        options.replayMillisecondsWaiting = 1 << 40
        options.snapshotIntervalMilliseconds = 1 << 50
        options.logByteCountPerSnapshot = plan.logByteCountPerSnapshot
        options.logByteCountForPeers = plan.logTailByteCount
        var cluster = ReplicationOptions(
            founding: ReplicationOptions.Founding(
                cluster: ClusterID(Identifier128(high: 7, low: 7)), incarnation: replica.identity.incarnation,
                membership: membership(of: replica)))
        cluster.seed = generator.next()
        cluster.snapshotPieceByteCount = plan.snapshotPieceByteCount
        cluster.digestPeriodSlotCount = plan.digestPeriodSlotCount
        options.cluster = cluster
        return options
    }

    private func membership(of replica: SimulatedReplica) -> Membership {
        let members = replicas.map { Member(identity: $0.founder, isVoter: $0.place < options.voterCount) }
        let alone = members.map { Member(identity: $0.identity, isVoter: $0.identity == replica.founder) }
        guard let membership = Membership(options.mutant == .splitBrain ? alone : members) else {
            invariantBroken("\(members.count) replicas are no cluster", #fileID, #line)
        }
        return membership
    }

    // MARK: Connections of replicas

    /// A connection that does not stand is made again after a while.
    func dueReconnect(_ place: Int, _ other: Int) {
        schedule(.reconnect(place, other), after: 1_000 + generator.next() % 200_000)
    }

    func reconnect(_ place: Int, _ other: Int) {
        guard replicas[place].engine != nil, replicas[other].engine != nil else { return }
        network.connect(replicas[place].id, replicas[other].id, at: now)
    }

    func breakConnections(of replica: SimulatedReplica) {
        for other in replicas where other !== replica {
            network.disconnect(replica.id, other.id, at: now)
        }
    }

    // MARK: Ends

    /// The run is over.
    func abandon(_ replica: SimulatedReplica) {
        replica.engine?.abandon()
        replica.engine = nil
    }

    /// The power goes, while nothing is being written.
    func crash(_ replica: SimulatedReplica) {
        guard let engine = replica.engine else { return }
        if replica.isCompletionDue { counters.crashesBehindWrite += 1 }
        crash(replica, engine, leaving: replica.disk.image)
    }

    /// The power goes in the middle of the write that the log has under way, or behind it.
    ///
    /// - Returns: false if there was nothing to write.
    func crashInWrite(_ replica: SimulatedReplica) -> Bool {
        guard let engine = replica.engine else { return false }
        let moment = Moment(skipping: generator.oneIn(4) ? 1 : 0)
        replica.disk.observe { _, image in moment.note(image) }
        let hasWritten = engine.stepLogWriter()
        replica.disk.observe(nil)
        guard hasWritten else { return false }
        if moment.image == nil { counters.crashesBehindWrite += 1 } else { counters.crashesInWrite += 1 }
        crash(replica, engine, leaving: moment.image ?? replica.disk.image)
        return true
    }

    private func crash(_ replica: SimulatedReplica, _ engine: ReplicaEngine, leaving image: DiskImage) {
        counters.crashes += 1
        end(replica, engine)
        replica.replaceDisk(crashed(image, at: replica))
        forget(replica)
        replica.isPaused = false
        replica.isDoomed = false
    }

    /// The process is gone, and the machine is not.
    func leave(_ replica: SimulatedReplica, _ engine: ReplicaEngine) {
        end(replica, engine)
        let image = replica.disk.image
        replica.replaceDisk(mayTear(image, at: replica) ? image : crashed(image, at: replica))
        replica.isPaused = false
        replica.isDoomed = false
    }

    /// The process is gone, and everybody who was connected with it notices.
    private func end(_ replica: SimulatedReplica, _ engine: ReplicaEngine) {
        takeCounters(of: replica)
        if engine.isInstalling { counters.installationsCut += 1 }
        agreement.stopped(replica.id)
        engine.abandon()
        replica.engine = nil
        breakConnections(of: replica)
        let connections = replica.connections
        for connection in connections { close(connection) }
    }

    /// A replica goes on from a snapshot of another one, or from where it was.
    func installed(_ replica: SimulatedReplica) {
        guard let engine = replica.engine else { return }
        agreement.started(replica.id, from: engine.appliedSlot)
        noteDigest(of: engine, at: replica)
    }

    /// What a bug does to a disk that comes back.
    private func forget(_ replica: SimulatedReplica) {
        guard let mutant = options.mutant, mutant.forgets, generator.oneIn(2) else { return }
        switch mutant {
        case .forgottenLog:
            replica.replaceDisk(DiskImage())
            try? replica.disk.createDirectory("/data")
            replica.base = ModelZnodeBase()
        case .tailForgotten: forgetGroups(of: replica, count: 2 + generator.index(6))
        case .checkpointAhead: forgetGroups(of: replica, count: .max)
        default:
            guard let stale = replica.stale else { return }
            replica.replaceDisk(stale.image)
            replica.base = stale.base.copy()
        }
    }

    /// What is left of a disk: every change that was not synced is kept, lost or torn, in one of four ways.
    private func crashed(_ image: DiskImage, at replica: SimulatedReplica) -> DiskImage {
        for way in [generator.next() % 4, 0] {
            let left = crashed(image, way: way)
            if mayTear(left, at: replica) { return left }
        }
        return crashed(image, way: 1)
    }

    private func crashed(_ image: DiskImage, way: UInt64) -> DiskImage {
        image.crashed { _ in
            let draw = generator.next()
            let survival: DiskImage.Survival
            switch way {
            case 0: survival = .lost
            case 1: survival = .kept
            case 2: survival = draw & 1 == 0 ? .lost : .kept
            default: survival = .torn(sectors: UInt8(truncatingIfNeeded: draw >> 8))
            }
            switch survival {
            case .lost: counters.changesLost += 1
            case .kept: counters.changesKept += 1
            case .torn: counters.changesTorn += 1
            }
            return survival
        }
    }

    /// Adds what an engine counted in the life that ends.
    func takeCounters(of replica: SimulatedReplica) {
        guard let status = replica.engine?.status else { return }
        counters.leaderChanges += Int(status.counters.leaderChanges)
        counters.gapsRefused += Int(status.counters.refusedGaps)
        counters.repeatsSkipped += Int(status.counters.repeatedCommands)
        counters.checkpoints += Int(status.counters.checkpoints)
        counters.snapshots += Int(status.counters.snapshots)
        counters.installations += Int(status.counters.installations)
        counters.damagedReads += Int(status.counters.damagedSlots)
        counters.failedInstallations += Int(status.counters.failedInstallations)
        counters.digestsAgreed += Int(status.counters.agreedDigests)
        counters.segmentsCreated += Int(status.log.createdSegmentCount)
        counters.segmentsRecycled += Int(status.log.recycledSegmentCount)
    }

    /// The trace knows who led when.
    func noteRole(of replica: SimulatedReplica) {
        guard let engine = replica.engine else { return }
        let role = engine.mode.rawValue
        guard role != replica.knownRole else { return }
        replica.knownRole = role
        trace.add(Array(role.utf8))
        trace.add(UInt64(replica.place))
    }
}

/// Keeps the disk of one moment: in the middle of a change to it.
// The file system calls it within a call of the world, on the world's thread.
private final class Moment: @unchecked Sendable {
    private var left: Int
    private(set) var image: DiskImage?

    /// - Parameter left: changes to let pass before.
    init(skipping left: Int) { self.left = left }

    func note(_ image: DiskImage) {
        if left == 0, self.image == nil { self.image = image }
        left -= 1
    }
}
