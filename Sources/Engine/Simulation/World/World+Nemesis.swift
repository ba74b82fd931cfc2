import CoreTypes
import PosixIO
import ReplicaEngine

/// What goes wrong.
extension World {
    /// The time for one more thing to go wrong.
    func strike() {
        guard phase == .safety else { return }
        schedule(.nemesis, after: generator.around(plan.nemesisMicroseconds))
        guard !plan.nemeses.isEmpty else { return }
        let nemesis = plan.nemeses[generator.index(plan.nemeses.count)]
        let replica = replicas[generator.index(replicas.count)]
        trace.add(UInt64(replica.place) << 8)
        switch nemesis {
        case .partition: partition()
        case .oneWay: blockOneWay(replica)
        case .clog: clog(replica)
        case .disconnect: disconnect(replica)
        case .pause: pause(replica)
        case .crash: if generator.oneIn(2) { replica.isDoomed = true } else { crashAndRestart(replica) }
        case .blackout: if generator.oneIn(3) { blackOut() }
        case .drift: drift(replica)
        case .jump: jump(replica)
        case .slowDisk: slowDown(replica)
        case .handOver: handOver(replica)
        case .clientDisconnect: disconnectClient()
        case .wipe: wipe(replica)
        case .rot, .misdirect, .unreadable: damageLog(of: replica, by: nemesis)
        case .snapshotRot: damageSnapshot(of: replica)
        case .tamper: tamperingEnd = now.adding(microseconds: 10 * drawDuration())
        case .diskFull: fillDisk(replica)
        case .diskFailure: if generator.oneIn(2) { failDisk(replica) }
        }
    }

    private var leader: SimulatedReplica? { replicas.first { $0.engine?.mode == .leader } }

    /// Some other replica.
    private func other(than replica: SimulatedReplica) -> SimulatedReplica {
        replicas[(replica.place + 1 + generator.index(replicas.count - 1)) % replicas.count]
    }

    /// Short more often than long: up to three seconds.
    private func drawDuration() -> UInt64 {
        let most: UInt64 = [50_000, 500_000, 3_000_000][generator.index(3)]
        return 1_000 + generator.next() % most
    }

    // MARK: Network

    private func partition() {
        var side = replicas.filter { _ in generator.oneIn(2) }.map(\.id)
        if generator.oneIn(2), let leader { side = [leader.id] }
        guard !side.isEmpty, side.count < replicas.count else { return }
        network.partition(side)
        schedule(.partitionEnds(0), after: drawDuration())
    }

    private func blockOneWay(_ replica: SimulatedReplica) {
        counters.oneWays += 1
        network.setBlocked(true, from: replica.id, to: other(than: replica).id)
        schedule(.partitionEnds(0), after: drawDuration())
    }

    private func clog(_ replica: SimulatedReplica) {
        network.clog(
            from: replica.id, to: other(than: replica).id,
            microseconds: drawDuration(), at: now)
    }

    private func disconnect(_ replica: SimulatedReplica) {
        let other = other(than: replica)
        network.disconnect(replica.id, other.id, at: now)
        dueReconnect(replica.place, other.place)
    }

    // MARK: Processes

    private func pause(_ replica: SimulatedReplica) {
        guard !replica.isPaused, replica.engine != nil else { return }
        counters.pauses += 1
        replica.isPaused = true
        replica.pause += 1
        schedule(.resume(replica.place, pause: replica.pause), after: drawDuration())
    }

    func resume(_ replica: SimulatedReplica) {
        guard replica.isPaused else { return }
        replica.isPaused = false
        let (frames, held) = (replica.heldFrames, replica.held)
        replica.heldFrames.removeAll()
        replica.held.removeAll()
        for frame in frames { take(frame, at: replica) }
        for event in held { perform(event) }
    }

    func crashAndRestart(_ replica: SimulatedReplica) {
        guard replica.engine != nil else { return }
        crash(replica)
        schedule(.restart(replica.place), after: drawDuration())
    }

    private func blackOut() {
        counters.blackouts += 1
        for replica in replicas { crashAndRestart(replica) }
    }

    private func handOver(_ replica: SimulatedReplica) {
        guard let engine = replica.engine, !replica.isPaused, replica.place < options.voterCount else { return }
        counters.handOvers += 1
        replica.setClocks(now)
        if engine.mode == .leader { engine.transferLeadership() } else { engine.campaign() }
        dueTurnEnd(replica)
    }

    // MARK: Clocks and disks

    private func drift(_ replica: SimulatedReplica) {
        counters.drifts += 1
        let bound = UInt64(SimulatedClock.driftPartsPerMillionMax)
        let drift = Int64(generator.next() % (2 * bound + 1)) - Int64(bound)
        replica.clock.setDrift(partsPerMillion: drift, at: now)
    }

    private func jump(_ replica: SimulatedReplica) {
        counters.jumps += 1
        replica.clock.jump(microseconds: Int64(generator.next() % 20_000_000_000) - 10_000_000_000)
    }

    private func slowDown(_ replica: SimulatedReplica) {
        counters.slowDisks += 1
        replica.isDiskSlow = true
        schedule(.diskRecovers(replica.place), after: drawDuration())
    }

    private func disconnectClient() {
        let index = generator.index(clients.count)
        guard clients[index].connection != nil else { return }
        counters.clientDisconnects += 1
        leave(index)
    }

    // MARK: The end of all that

    func healAll() {
        for replica in replicas {
            replica.isDiskSlow = false
            replica.isDoomed = false
            giveRoom(replica)
            replica.disk.inject()
            replica.clock.setDrift(partsPerMillion: 0, at: now)
            resume(replica)
            if replica.engine == nil { start(replica) }
        }
        network.heal(at: now)
    }
}
