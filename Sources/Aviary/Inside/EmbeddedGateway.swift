internal import CoreTypes
internal import DequeModule
internal import ReplicaEngine
internal import ZnodeTree
internal import ZooKeeperWire

/// The engine's gateway of an embedded store: results go to the continuations that wait for them.
///
/// The commands of one session are applied in the order they were submitted, so each session has a queue of those who
/// wait, and a result is for the first of its queue.
///
/// Thread: the engine's.
final class EmbeddedGateway: ClientGateway {
    typealias Opened = @Sendable (Result<LocalSession, AviaryError>) -> Void

    private var sessions: [AttachmentID: LocalSession] = [:]
    private var openings: [AttachmentID: Opened] = [:]
    private var streams: [AttachmentID: WatchStream] = [:]
    private var barriers: [UInt64: @Sendable (Bool) -> Void] = [:]
    private var barrierAttachment: AttachmentID?
    private var barrierCount: UInt64 = 0
    private(set) var stopReason: String?

    /// Hands a command of a session to the engine.
    func submit(_ write: WriteRequest, body: RawSpan, to engine: ReplicaEngine) {
        let session = write.session
        if let stopReason { return write.completion.resume(returning: .stopped(stopReason)) }
        if session.isOver { return write.completion.resume(returning: .sessionOver) }
        let identities = ownerIdentities
        let result = engine.submit(
            kind: write.kind, session: session.id, attachment: session.attachment, sequence: session.nextSequence,
            identities: identities.span.bytes, body: body)
        switch result {
        case .accepted:
            session.nextSequence += 1
            session.waiting.append(write.completion)
        case .diskFull: write.completion.resume(returning: .diskFull)
        case .stopped: write.completion.resume(returning: .stopped(engine.stopReason ?? "the engine stopped"))
        }
    }

    /// Asks for a new session.
    func open(timeoutMilliseconds: UInt32, isHidden: Bool, on engine: ReplicaEngine, _ done: @escaping Opened) {
        let attachment = engine.makeAttachment(for: self)
        var random = SystemRandomNumberGenerator()
        openings[attachment] = done
        let result = engine.openSession(
            attachment, timeoutMilliseconds: timeoutMilliseconds, password: SessionPassword(using: &random),
            isHidden: isHidden)
        guard result != .accepted else { return }
        openings[attachment] = nil
        done(.failure(.refusedSession(result == .diskFull ? .diskFull : .stopped)))
    }

    /// Every session of this process is alive as long as the process is.
    func touchAll(_ engine: ReplicaEngine, at tick: Tick) {
        for session in sessions.values { engine.touch(session.id, at: tick) }
    }

    /// Calls `done` once everything accepted so far is applied, or will not be.
    func barrier(on engine: ReplicaEngine, _ done: @escaping @Sendable (_ isReached: Bool) -> Void) {
        if stopReason != nil { return done(false) }
        let attachment = barrierAttachment ?? engine.makeAttachment(for: self)
        barrierAttachment = attachment
        barrierCount += 1
        barriers[barrierCount] = done
        engine.barrier(attachment, token: barrierCount)
    }

    func watch(_ path: [UInt8], _ kind: WatchKind, _ stream: WatchStream, on engine: ReplicaEngine) -> AttachmentID {
        let attachment = engine.makeAttachment(for: self)
        streams[attachment] = stream
        engine.watches.add(attachment, kind, path: path.span.bytes)
        return attachment
    }

    func unwatch(_ attachment: AttachmentID, on engine: ReplicaEngine) {
        streams[attachment] = nil
        engine.detach(attachment)
    }

    // MARK: ClientGateway

    func commandApplied(_ result: CommandResult, body: RawSpan) {
        guard let completion = sessions[result.attachment]?.waiting.popFirst() else { return }
        completion.resume(
            returning: .applied(error: result.error, zxid: result.zxid, body: [UInt8](copying: body)))
    }

    func sessionEvent(_ event: SessionEvent) {
        switch event.kind {
        case .opened, .attached:
            let session = LocalSession(id: event.session, attachment: event.attachment)
            sessions[event.attachment] = session
            openings.removeValue(forKey: event.attachment)?(.success(session))
        case .refused:
            openings.removeValue(forKey: event.attachment)?(.failure(.refusedSession(.system)))
        case .closed, .expired, .moved:
            if let session = sessions.removeValue(forKey: event.attachment) { end(session) }
        }
    }

    private func end(_ session: LocalSession) {
        session.isOver = true
        for completion in session.waiting { completion.resume(returning: .sessionOver) }
        session.waiting.removeAll()
    }

    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {
        let change = ZnodeEvent(event, path: path)
        for watcher in watchers { streams[watcher]?.send(change) }
    }

    func barrierReached(_ attachment: AttachmentID, token: UInt64) { barriers.removeValue(forKey: token)?(true) }

    func congestionChanged(_ isCongested: Bool) {}

    func servingChanged(_ isServing: Bool) {
        guard !isServing else { return }
        for session in sessions.values { end(session) }
        sessions.removeAll()
        for barrier in barriers.values { barrier(false) }
        barriers.removeAll()
    }

    func batchEnded() {}

    func engineStopped(_ reason: String) { stop(reason, AviaryError(.stopped, reason)) }

    /// The engine is closed: whoever has no answer by now gets none, and streams end.
    func close() { stop(Self.closedReason, nil) }

    /// What a write that is not answered any more is told.
    static let closedReason = "the store is closed"

    private func stop(_ reason: String, _ error: AviaryError?) {
        stopReason = stopReason ?? reason
        for session in sessions.values {
            for completion in session.waiting { completion.resume(returning: .stopped(reason)) }
            session.waiting.removeAll()
        }
        for opening in openings.values { opening(.failure(.refusedSession(.stopped))) }
        openings.removeAll()
        for barrier in barriers.values { barrier(false) }
        barriers.removeAll()
        endStreams(error)
    }

    /// Ends every stream of events.
    func endStreams(_ error: AviaryError?) {
        for stream in streams.values { stream.end(error) }
        streams.removeAll()
    }
}

/// What the embedding program has proven to be: it owns the store, and access rules do not bind it.
let ownerIdentities: [UInt8] = [0, 1, 5] + Array("super".utf8) + [0, 0]

extension AviaryError {
    fileprivate static func refusedSession(_ code: Code) -> AviaryError {
        AviaryError(code, "the session could not be opened")
    }
}
