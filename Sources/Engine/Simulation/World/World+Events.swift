import Consensus
import CoreTypes
import PeerWire
import ReplicaEngine

/// What happens to processes: frames, ticks, turns and writes.
extension World {
    func perform(_ event: WorldEvent) {
        if let place = event.replica {
            let replica = replicas[place]
            if replica.isPaused {
                replica.held.append(event)
                return
            }
            return perform(event, at: replica)
        }
        switch event {
        case .toReplica(let connection, let message): arrive(message, on: connections[connection])
        case .toClient(let connection, let message): receive(message, on: connections[connection])
        case .clientActs(let index): clientActs(index)
        case .nemesis: strike()
        case .resume(let place, let pause): if replicas[place].pause == pause { resume(replicas[place]) }
        case .restart(let place): if replicas[place].engine == nil { start(replicas[place]) }
        case .reconnect(let place, let other): reconnect(place, other)
        case .partitionEnds: network.endPartitions()
        case .diskRecovers(let place): replicas[place].isDiskSlow = false
        case .diskHasRoom(let place): giveRoom(replicas[place])
        case .exit(let place, let life): if replicas[place].life == life { exit(replicas[place]) }
        case .tick, .turnEnd, .logWrite, .completions, .maintenance: break
        }
    }

    private func perform(_ event: WorldEvent, at replica: SimulatedReplica) {
        trace.add(now.rawValue &* 31 &+ UInt64(replica.place))
        switch event {
        case .tick(_, let life) where life == replica.life: tick(replica)
        case .turnEnd(_, let life) where life == replica.life: endTurn(replica)
        case .logWrite(_, let life) where life == replica.life: writeLog(replica)
        case .completions(_, let life) where life == replica.life: complete(replica)
        case .maintenance(_, let life) where life == replica.life: maintain(replica)
        default: break
        }
    }

    // MARK: The network

    func deliver(_ event: NetworkEvent) {
        let place: Int
        switch event {
        case .frame(_, _, let receiver): place = Int(receiver.rawValue) - 1
        case .connected(let replica, _), .disconnected(let replica, _): place = Int(replica.rawValue) - 1
        }
        let replica = replicas[place]
        if replica.isPaused {
            replica.heldFrames.append(event)
        } else {
            take(event, at: replica)
        }
    }

    func take(_ event: NetworkEvent, at replica: SimulatedReplica) {
        guard let engine = replica.engine else { return }
        replica.setClocks(now)
        switch event {
        case .frame(let body, let sender, _):
            receive(body, from: replicas[Int(sender.rawValue) - 1], at: replica, engine)
        case .connected(_, let peer): engine.peerConnected(peer)
        case .disconnected(_, let peer): engine.peerDisconnected(peer)
        }
        noteRole(of: replica)
        dueTurnEnd(replica)
    }

    private func receive(
        _ frame: [UInt8], from sender: SimulatedReplica, at replica: SimulatedReplica, _ engine: ReplicaEngine
    ) {
        let (identity, body) = received(frame, from: sender.id)
        if options.mutant == .votesBeforeReadmission { voteEarly(body, at: replica, from: sender) }
        if options.mutant == .acceptedEarly { acceptEarly(body, at: replica, from: sender) }
        if options.mutant == .promiseForgotten { acceptForgetful(body, at: replica, from: sender) }
        do {
            try unsafe engine.receive(body.span.bytes, from: identity)
        } catch {
            fail(.safety, "replica \(sender.id.rawValue) sent what cannot be read: \(error)")
        }
    }

    /// What an engine sends.
    func send(_ body: [UInt8], from replica: SimulatedReplica, to receiver: ReplicaID) {
        switch decode(body)?.message {
        case .consensus(.accept(let accept))?: if proposals.proposed(accept) { counters.inheritedSuffixes += 1 }
        case .consensus(.promise(let promise))?: if promise.isFaulty { counters.faultyAnswers += 1 }
        default: break
        }
        for frame in tampered(damaged(body), from: replica) {
            transmit(frame, from: replica, to: receiver)
        }
    }

    /// A piece of a snapshot may change on its way.
    private func damaged(_ body: [UInt8]) -> [UInt8] {
        guard now < tamperingEnd, phase == .safety, let (message, offset) = decode(body),
            case .snapshotPiece = message, offset < body.count, generator.oneIn(4)
        else { return body }
        counters.piecesTampered += 1
        var body = body
        body[offset + generator.index(body.count - offset)] ^= UInt8(1 + generator.next() % 255)
        return body
    }

    // MARK: Turns

    /// The inputs of a turn end soon.
    func dueTurnEnd(_ replica: SimulatedReplica) {
        guard !replica.isTurnEndDue else { return }
        replica.isTurnEndDue = true
        schedule(.turnEnd(replica.place, life: replica.life), after: 1 + generator.next() % plan.turnMicroseconds)
    }

    private func endTurn(_ replica: SimulatedReplica) {
        replica.isTurnEndDue = false
        guard let engine = replica.engine else { return }
        replica.setClocks(now)
        for attachment in replica.detaching { engine.detach(attachment) }
        replica.detaching.removeAll()
        engine.endOfInput()
        dueWrite(replica)
    }

    private func tick(_ replica: SimulatedReplica) {
        guard let engine = replica.engine else { return }
        replica.setClocks(now)
        engine.tick(now: replica.face.tick)
        cutOffUnconfirmed(replica, engine)
        noteReadmission(of: replica)
        engine.endOfInput()
        noteRole(of: replica)
        dueWrite(replica)
        schedule(.tick(replica.place, life: replica.life), after: 5_000 + generator.next() % 20_000)
    }

    // MARK: The log

    /// The disk begins with what the log has for it, if it is not at it.
    func dueWrite(_ replica: SimulatedReplica) {
        guard !replica.isWriteDue else { return }
        replica.isWriteDue = true
        var delay = plan.diskMicrosecondsMin + generator.next() % (plan.diskMicrosecondsSpread + 1)
        // On a fast disk the bug hides: what is not durable yet will be in a moment.
        if replica.isDiskSlow || options.mutant == .acceptedEarly { delay *= 50 }
        schedule(.logWrite(replica.place, life: replica.life), after: delay)
    }

    private func writeLog(_ replica: SimulatedReplica) {
        if replica.isDoomed, crashInWrite(replica) {
            return schedule(.restart(replica.place), after: generator.next() % 1_000_000)
        }
        replica.isWriteDue = false
        guard let engine = replica.engine else { return }
        guard engine.stepLogWriter() else {
            if replica.isDiskFailing { dueCompletion(replica) }
            return
        }
        replica.lastWriteAt = now
        dueCompletion(replica)
        dueWrite(replica)
    }

    private func dueCompletion(_ replica: SimulatedReplica) {
        guard !replica.isCompletionDue else { return }
        replica.isCompletionDue = true
        schedule(.completions(replica.place, life: replica.life), after: 1 + generator.next() % 200)
    }

    private func complete(_ replica: SimulatedReplica) {
        replica.isCompletionDue = false
        guard let engine = replica.engine else { return }
        replica.setClocks(now)
        engine.processCompletions()
        noteRole(of: replica)
        dueTurnEnd(replica)
    }

    private func maintain(_ replica: SimulatedReplica) {
        guard let engine = replica.engine else { return }
        replica.setClocks(now)
        while engine.stepLogPreparer() {}
        if engine.stepMaintenance() { dueCompletion(replica) }
        if now.rawValue > replica.lastWriteAt.rawValue + 50_000, !replica.isWriteDue, engine.stepLogMark() {
            replica.lastWriteAt = now
            dueCompletion(replica)
        }
        schedule(.maintenance(replica.place, life: replica.life), after: 10_000 + generator.next() % 60_000)
    }
}

extension Promise {
    /// It tells of slots of which the bytes are lost.
    fileprivate var isFaulty: Bool { !unknown.isEmpty || entries.contains { !$0.isWhole } }
}
