import CoreTypes
import ReplicaEngine
import ZnodeTree
import ZooKeeperWire

/// What stands between clients and engines, in the order of the server's `ConnectionStateMachine`.
extension World {
    // MARK: Messages

    /// What a replica says to a client: in order, after a while.
    func tell(_ message: ReplicaMessage, on connection: SimulatedConnection, after delay: UInt64 = 0) {
        let arrival = now.adding(microseconds: 20 + generator.next() % 400)
        connection.lastArrivalBack = max(connection.lastArrivalBack, arrival)
        let time = delay == 0 ? connection.lastArrivalBack : now.adding(microseconds: delay)
        schedule(.toClient(connection: connection.number, message), at: time)
    }

    func arrive(_ message: ClientMessage, on connection: SimulatedConnection) {
        guard connection.phase != .closed else { return }
        let replica = replicas[connection.replica]
        guard let engine = replica.engine else { return close(connection) }
        if replica.isPaused {
            replica.held.append(.toReplica(connection: connection.number, message))
            return
        }
        replica.setClocks(now)
        if connection.session != .none { engine.touch(connection.session) }
        switch message {
        case .connect(let session, let password, let timeout):
            connect(connection, session, password, timeout, at: replica, engine)
        case .operation(let operation): take(operation, on: connection, engine)
        case .watches(let watches, let zxid): set(watches, relativeTo: zxid, on: connection, engine)
        case .ping: break
        case .close: submitClose(on: connection, engine)
        case .end: close(connection)
        }
        dueTurnEnd(replica)
    }

    /// The connection is gone, for its replica; its client hears of it behind what was told before.
    func close(_ connection: SimulatedConnection) {
        guard connection.phase != .closed else { return }
        connection.phase = .closed
        connection.queue.removeAll()
        let replica = replicas[connection.replica]
        replica.connections.removeAll { $0 === connection }
        if connection.attachment != .none {
            // Not from inside a call of the engine.
            replica.detaching.append(connection.attachment)
            if replica.engine != nil { dueTurnEnd(replica) }
        }
        tell(.end, on: connection)
    }

    /// Sessions are not served for longer than others wait before they end them (D8).
    func cutOffUnconfirmed(_ replica: SimulatedReplica, _ engine: ReplicaEngine) {
        let unconfirmed = engine.unconfirmedMilliseconds ?? 0
        let connections = replica.connections
        for connection in connections
        where connection.session != .none && unconfirmed > UInt64(connection.timeoutMilliseconds) / 3 {
            counters.cutOffs += 1
            close(connection)
        }
    }

    // MARK: Sessions

    private func connect(
        _ connection: SimulatedConnection, _ session: SessionID, _ password: SessionPassword, _ timeout: UInt32,
        at replica: SimulatedReplica, _ engine: ReplicaEngine
    ) {
        connection.timeoutMilliseconds = timeout
        connection.attachment = engine.makeAttachment(for: replica)
        let (attachment, hash) = (connection.attachment, mixedBits(connection.attachment.rawValue))
        if submitted.value(hash: hash, matches: { $0 == attachment }) != nil {
            return fail(.safety, "attachment \(attachment.rawValue) is given out twice")
        }
        submitted.insert(hash: hash, key: attachment, value: [])
        replica.connections.append(connection)
        let result: SubmitResult
        if session == .none {
            result = engine.openSession(attachment, timeoutMilliseconds: timeout, password: password)
        } else {
            result = engine.attachSession(
                attachment, session: session, password: password, timeoutMilliseconds: timeout)
            if options.mutant == .attachUnseen {
                connection.phase = .served
                connection.session = session
                tell(.connected(session), on: connection)
            }
        }
        if result != .accepted { close(connection) }
    }

    func sessionEvent(_ event: SessionEvent, on connection: SimulatedConnection) {
        switch event.kind {
        case .opened, .attached:
            noteSession(event.session, of: connection.client)
            guard connection.phase == .connecting else { return }
            connection.phase = .served
            connection.session = event.session
            tell(.connected(event.session), on: connection)
        case .refused:
            guard connection.phase == .connecting else { return }
            let session = event.session
            let lives = replicas[connection.replica].engine?.read { $0.session(session) } != nil
            if lives {
                fail(
                    .safety, "session \(session.rawValue) lives, and client \(connection.client) hears that it is over")
            }
            tell(.refused, on: connection)
            close(connection)
        case .closed:
            if connection.phase != .closing { close(connection) }
        case .expired, .moved:
            close(connection)
        }
    }

    private func submitClose(on connection: SimulatedConnection, _ engine: ReplicaEngine) {
        guard connection.phase == .served else { return }
        connection.phase = .closing
        endBatchIfWaiting(connection, engine)
        let result = engine.submit(
            kind: OpCode.closeSession.rawValue, session: connection.session, attachment: connection.attachment,
            sequence: connection.nextSequence, identities: RawSpan(), body: RawSpan())
        guard result == .accepted else { return close(connection) }
        connection.nextSequence += 1
        noteSubmitted(-1, on: connection)
        connection.queue.append(SimulatedConnection.Outstanding(operation: -1, awaits: .close))
    }

    // MARK: Requests

    private func take(_ operation: Int, on connection: SimulatedConnection, _ engine: ReplicaEngine) {
        guard connection.phase == .served else { return }
        let request = history.operations[operation]
        if request.isWrite { return submit(operation, on: connection, engine) }
        let mutant = options.mutant
        if request.isSynced && mutant != .staleSync {
            let token = connection.nextToken
            connection.nextToken += 1
            connection.queue.append(.init(operation: operation, awaits: .barrier(token: token)))
            connection.lastBatchNumber = engine.batchNumber
            return engine.barrier(connection.attachment, token: token)
        }
        if connection.queue.isEmpty || mutant == .readBeforeWrites {
            execute(operation, on: connection)
        } else {
            connection.queue.append(.init(operation: operation, awaits: .turn))
        }
    }

    private func submit(_ operation: Int, on connection: SimulatedConnection, _ engine: ReplicaEngine) {
        endBatchIfWaiting(connection, engine)
        let times = options.mutant == .submitTwice && generator.oneIn(10) ? 2 : 1
        for time in 0..<times {
            let result = submit(operation, sequence: connection.nextSequence, on: connection, engine)
            guard result == .accepted else {
                if time == 0 { connection.queue.append(.init(operation: operation, awaits: .turnToRefuse)) }
                return proceed(connection)
            }
            noteSubmitted(operation, on: connection)
            if time == 0 {
                connection.queue.append(
                    .init(operation: operation, awaits: .command(sequence: connection.nextSequence)))
            }
            connection.nextSequence += 1
        }
        connection.lastBatchNumber = engine.batchNumber
    }

    /// A command that follows a waiting request must not share a slot with the command that this one waits for.
    private func endBatchIfWaiting(_ connection: SimulatedConnection, _ engine: ReplicaEngine) {
        guard let last = connection.queue.last else { return }
        if case .command = last.awaits { return }
        if engine.batchNumber == connection.lastBatchNumber { engine.endBatch() }
    }

    private func submit(
        _ operation: Int, sequence: UInt64, on connection: SimulatedConnection, _ engine: ReplicaEngine
    ) -> SubmitResult {
        let body = ByteBuilder()
        let request = history.operations[operation]
        let kind = RequestCoding.append(
            history.actions[request.actions], isMulti: request.isMulti, paths: history.paths,
            paddingByteCount: workload.padding(), mutant: options.mutant, to: body)
        return engine.submit(
            kind: kind.rawValue, session: connection.session, attachment: connection.attachment, sequence: sequence,
            identities: RawSpan(), body: body.bytes)
    }

    /// Remembers what the next sequence of a connection's attachment is.
    private func noteSubmitted(_ operation: Int, on connection: SimulatedConnection) {
        let attachment = connection.attachment
        submitted.update(hash: mixedBits(attachment.rawValue), matches: { $0 == attachment }) {
            $0.append(operation)
        }
    }

    // MARK: Answers

    func commandApplied(_ result: CommandResult, body: RawSpan, on connection: SimulatedConnection) {
        guard connection.phase != .closed else { return }
        if options.mutant == .submitTwice, connection.queue.first?.awaits != .command(sequence: result.sequence) {
            return
        }
        guard let head = connection.queue.first,
            head.awaits == .command(sequence: result.sequence) || head.awaits == .close
        else {
            return fail(
                .safety,
                "command \(result.sequence) of client \(connection.client) is answered out of its turn, before "
                    + "\(connection.queue.map(\.awaits))")
        }
        connection.queue.removeFirst()
        if head.awaits == .close {
            tell(.closed, on: connection)
            return close(connection)
        }
        answer(head.operation, result, body, on: connection)
        if options.mutant == .answerTwice, generator.oneIn(20), let next = connection.queue.first,
            case .command = next.awaits, history.operations[next.operation].actions.count == 1
        {
            connection.queue.removeFirst()
            return answer(next.operation, result, body, on: connection)
        }
        proceed(connection)
    }

    private func answer(_ operation: Int, _ result: CommandResult, _ body: RawSpan, on connection: SimulatedConnection)
    {
        guard result.outcome == .executed else { return tell(.refusal(operation), on: connection) }
        let request = history.operations[operation]
        let actions = history.actions[request.actions]
        let results = RequestCoding.results(
            of: actions, isMulti: request.isMulti, error: result.error, body: body, paths: &history.paths)
        guard let results else {
            return fail(.safety, "an answer that cannot be read: \(history.describe(operation))")
        }
        tell(.answer(operation, result.zxid, results), on: connection)
    }

    func barrierReached(_ token: UInt64, on connection: SimulatedConnection) {
        guard connection.phase != .closed else { return }
        guard let head = connection.queue.first, head.awaits == .barrier(token: token) else {
            return fail(
                .safety,
                "sync \(token) of client \(connection.client) is answered before \(connection.queue.map(\.awaits))")
        }
        connection.queue.removeFirst()
        execute(head.operation, on: connection)
        proceed(connection)
    }

    /// Answers what had only to wait for its turn.
    private func proceed(_ connection: SimulatedConnection) {
        while connection.phase != .closed, let head = connection.queue.first {
            switch head.awaits {
            case .command, .barrier, .close: return
            case .turn:
                connection.queue.removeFirst()
                execute(head.operation, on: connection)
            case .turnToRefuse:
                connection.queue.removeFirst()
                tell(.refusal(head.operation), on: connection)
            }
        }
    }

    /// Reads what this replica holds.
    private func execute(_ operation: Int, on connection: SimulatedConnection) {
        guard let engine = replicas[connection.replica].engine else { return }
        var results: [ActionResult] = []
        for place in history.operations[operation].actions {
            let action = history.actions[place]
            guard let result = LocalRead.result(of: action, in: engine, paths: &history.paths) else {
                return fail(.safety, "a read fails: \(history.describe(operation))")
            }
            results.append(result)
            let isSet = result.error == .ok || (action.kind == .exists && result.error == .noNode)
            if action.setsWatch && isSet { watch(action, on: connection, engine) }
        }
        tell(.answer(operation, engine.appliedZxid, results), on: connection)
    }

    // MARK: Watches

    private func watch(_ action: Action, on connection: SimulatedConnection, _ engine: ReplicaEngine) {
        add(action.path, action.kind == .children ? .child : .data, on: connection, engine)
    }

    private func add(_ path: PathID, _ kind: WatchKind, on connection: SimulatedConnection, _ engine: ReplicaEngine) {
        if options.mutant == .watchLost, generator.oneIn(3) { return }
        let bytes = Array(history.paths.text(of: path).utf8)
        unsafe engine.watches.add(connection.attachment, kind, path: bytes.span.bytes)
    }

    func watchFired(_ type: WatchEventType, path: RawSpan, zxid: Zxid, on connection: SimulatedConnection) {
        let text = String(decoding: [UInt8](copying: path), as: UTF8.self)
        let message = ReplicaMessage.event(history.paths.number(of: text), type, zxid)
        switch options.mutant {
        case .eventLate where generator.oneIn(3): tell(message, on: connection, after: 20_000)
        case .eventLost where generator.oneIn(10): break
        case .eventTwice where generator.oneIn(10):
            tell(message, on: connection)
            tell(message, on: connection)
        default: tell(message, on: connection)
        }
    }

    /// What a client that was away waits for: told at once if it has happened, watched for again if not.
    private func set(
        _ watches: [KeptWatch], relativeTo zxid: Zxid, on connection: SimulatedConnection, _ engine: ReplicaEngine
    ) {
        for watch in watches {
            let bytes = Array(history.paths.text(of: watch.path).utf8)
            let stat = engine.read { tree in unsafe try? tree.statForWatch(bytes.span.bytes) }
            let rearming: WatchRearming
            switch watch.kind {
            case .data: rearming = .data(mzxid: stat?.mzxid, relativeZxid: zxid.wireValue)
            case .exist: rearming = .exist(isThere: stat != nil)
            case .child: rearming = .child(pzxid: stat?.pzxid, relativeZxid: zxid.wireValue)
            }
            switch rearming {
            case .arm: add(watch.path, watch.kind == .child ? .child : .data, on: connection, engine)
            case .fire(let type): tell(.event(watch.path, type, .zero), on: connection)
            }
        }
    }
}
