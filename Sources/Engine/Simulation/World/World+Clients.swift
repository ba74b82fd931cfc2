import CoreTypes
import ZooKeeperWire

/// What clients do and are told.
extension World {
    /// How long a client waits for its session before it looks for another replica.
    private static let connectMicroseconds: UInt64 = 2_000_000

    func clientActs(_ index: Int) {
        guard phase != .over else { return }
        schedule(.clientActs(index), after: 1 + workload.wait())
        switch clients[index].phase {
        case .away: if now >= clients[index].awayUntil { connect(index) }
        case .connecting: if hasWaited(index, since: clients[index].connectedAt) { leave(index) }
        case .closing: if hasWaited(index, since: clients[index].lastSentAt) { leave(index) }
        case .served: act(index)
        }
    }

    private func hasWaited(_ index: Int, since start: SimulatedTime) -> Bool {
        now > start.adding(microseconds: Self.connectMicroseconds)
    }

    private var timeoutMicroseconds: UInt64 { UInt64(plan.sessionTimeoutMilliseconds) * 1_000 }

    private func act(_ index: Int) {
        let client = clients[index]
        if let first = client.outstanding.first, now > first.sentAt.adding(microseconds: timeoutMicroseconds * 2 / 3) {
            return leave(index)
        }
        if now > client.lastSentAt.adding(microseconds: timeoutMicroseconds / 4) { say(.ping, index) }
        guard client.outstanding.count < plan.outstandingCountMax else { return }
        switch phase {
        case .safety:
            // Several at a time make batches of several commands.
            for _ in 0...workload.place(among: 3) where clients[index].phase == .served { choose(index) }
        case .liveness: if client.owesWrite, client.outstanding.isEmpty { write(index, isMulti: false) }
        case .final:
            guard let path = client.finalReads.first else { return }
            clients[index].finalReads.removeFirst()
            request([Action(.get, path)], index, isSynced: true)
        case .over: break
        }
    }

    private func choose(_ index: Int) {
        switch workload.choose() {
        case .write(let isMulti): write(index, isMulti: isMulti)
        case .read(let isSynced):
            let action = workload.read(isSynced: isSynced, &history.paths, clients[index].made)
            request([action], index, isSynced: isSynced)
        case .close: close(index)
        case .move: leave(index)
        case .vanish:
            leave(index)
            clients[index].awayUntil = now.adding(microseconds: timeoutMicroseconds * 2)
        case .nothing: break
        }
    }

    private func write(_ index: Int, isMulti: Bool) {
        let actions = workload.write(isMulti: isMulti, &history.paths, clients[index].made)
        request(actions, index, isMulti: isMulti)
    }

    private func request(_ actions: [Action], _ index: Int, isMulti: Bool = false, isSynced: Bool = false) {
        guard let number = clients[index].connection else { return }
        let replica = replicas[connections[number].replica].id
        let operation = history.invoke(
            actions, client: UInt32(index), session: clients[index].session, replica: replica, isMulti: isMulti,
            isSynced: isSynced, at: nextHistoryStep())
        clients[index].outstanding.append((operation, now))
        say(.operation(operation), index)
    }

    private func close(_ index: Int) {
        let session = clients[index].session
        let step = nextHistoryStep()
        sessions.update(hash: mixedBits(session.rawValue), matches: { $0 == session }) { $0.closeAsked = step }
        clients[index].phase = .closing
        say(.close, index)
    }

    // MARK: Connections

    /// What a client says to its replica: in order, after a while.
    private func say(_ message: ClientMessage, _ index: Int) {
        guard let number = clients[index].connection else { return }
        clients[index].lastSentAt = now
        let connection = connections[number]
        let arrival = now.adding(microseconds: 20 + generator.next() % 400)
        connection.lastArrivalThere = max(connection.lastArrivalThere, arrival)
        schedule(.toReplica(connection: number, message), at: connection.lastArrivalThere)
    }

    private func connect(_ index: Int) {
        let place = workload.place(among: replicas.count)
        guard replicas[place].engine != nil else { return }
        let connection = SimulatedConnection(number: connections.count, client: index, replica: place)
        connections.append(connection)
        clients[index].connection = connection.number
        clients[index].phase = .connecting
        clients[index].connectedAt = now
        if clients[index].session == .none {
            let bits = workload.password()
            clients[index].password = SessionPassword(high: bits.high, low: bits.low)
            clients[index].lastZxid = .zero
            clients[index].watches.removeAll()
        } else {
            counters.sessionsMoved += 1
        }
        let (session, password) = (clients[index].session, clients[index].password)
        say(
            .connect(session: session, password: password, timeoutMilliseconds: plan.sessionTimeoutMilliseconds), index)
    }

    /// A client breaks its connection: what was not answered never will be.
    func leave(_ index: Int) {
        say(.end, index)
        lose(index)
    }

    private func lose(_ index: Int) {
        clients[index].connection = nil
        clients[index].phase = .away
        clients[index].outstanding.removeAll()
    }

    // MARK: Answers

    func receive(_ message: ReplicaMessage, on connection: SimulatedConnection) {
        let index = connection.client
        guard clients[index].connection == connection.number else { return }
        switch message {
        case .connected(let session): served(index, session)
        case .refused:
            counters.sessionsRefused += 1
            clients[index].session = .none
            lose(index)
        case .answer(let operation, let zxid, let results): answered(index, operation, zxid, results)
        case .refusal(let operation):
            counters.refusals += 1
            history.refuse(operation, at: nextHistoryStep())
            forget(operation, index)
        case .event(let path, let type, let zxid): told(index, path, type, zxid)
        case .closed:
            clients[index].session = .none
            lose(index)
        case .end: lose(index)
        }
    }

    private func served(_ index: Int, _ session: SessionID) {
        guard clients[index].phase == .connecting else { return }
        if clients[index].session == .none { counters.sessionsOpened += 1 }
        clients[index].session = session
        clients[index].phase = .served
        if options.mutant == .attachUnseen { noteSession(session, of: index) }
        giveUpWatches(index)
        let watches = clients[index].watches
        if !watches.isEmpty, options.mutant != .watchesForgotten {
            say(.watches(watches, relativeTo: clients[index].lastZxid), index)
        }
    }

    /// Nobody can tell a client that comes back whether what was not there came and went.
    private func giveUpWatches(_ index: Int) {
        for watch in clients[index].watches where watch.kind == .exist {
            history.note(
                WatchDelivery(
                    session: clients[index].session, path: watch.path, type: .dataWatchRemoved, zxid: .zero,
                    step: nextHistoryStep()))
        }
        clients[index].watches.removeAll { $0.kind == .exist }
    }

    private func answered(_ index: Int, _ operation: Int, _ zxid: Zxid, _ results: [ActionResult]) {
        let step = nextHistoryStep()
        history.answer(operation, zxid: zxid, results, at: step)
        forget(operation, index)
        clients[index].lastZxid = max(clients[index].lastZxid, zxid)
        let session = clients[index].session
        sessions.update(hash: mixedBits(session.rawValue), matches: { $0 == session }) { $0.lastAnswer = step }
        let request = history.operations[operation]
        if request.isWrite {
            counters.writesAnswered += 1
            agreement.acknowledge(zxid)
            if phase == .liveness { clients[index].owesWrite = false }
        } else if request.isSynced {
            counters.syncedReadsAnswered += 1
        } else {
            counters.readsAnswered += 1
        }
        for (place, result) in zip(request.actions, results) { learn(history.actions[place], result, index) }
    }

    private func learn(_ action: Action, _ result: ActionResult, _ index: Int) {
        if action.isSequential, result.error == .ok, result.created != .none {
            clients[index].made.append(result.created)
            if clients[index].made.count > 8 { clients[index].made.removeFirst() }
        }
        guard action.setsWatch else { return }
        let kind: KeptWatch.Kind
        switch (action.kind, result.error) {
        case (.children, .ok): kind = .child
        case (.get, .ok), (.exists, .ok): kind = .data
        case (.exists, .noNode): kind = .exist
        default: return
        }
        clients[index].watches.removeAll { $0.path == action.path && ($0.kind == .child) == (kind == .child) }
        clients[index].watches.append(KeptWatch(path: action.path, kind: kind))
    }

    private func forget(_ operation: Int, _ index: Int) {
        clients[index].outstanding.removeAll { $0.operation == operation }
    }

    private func told(_ index: Int, _ path: PathID, _ type: WatchEventType, _ zxid: Zxid) {
        // A deletion that was missed is told for each kind of watch; the first event uses up both, as in ZooKeeper.
        let isFired = clients[index].watches.contains { $0.path == path && $0.isFired(by: type) }
        if zxid == .zero && !isFired { return }
        counters.events += 1
        history.note(
            WatchDelivery(
                session: clients[index].session, path: path, type: type, zxid: zxid, step: nextHistoryStep()))
        clients[index].watches.removeAll { $0.path == path && $0.isFired(by: type) }
    }
}
