internal import Clustering
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

    /// A session that was asked for.
    private struct SessionOpening {
        /// Whose place it takes; nil for one of its own.
        var renewed: LocalSession?
        /// See `LocalSession`.
        var renewalMilliseconds: UInt32?
        var done: Opened?
    }

    private struct Delivery {
        var completion: WriteCompletion
        var outcome: WriteOutcome
    }

    /// Results are given out so many at a time. Each alone would find the threads that run tasks asleep again, and cost a
    /// system call; all at once would leave them idle until the last is there.
    private static let deliveryCount = 16
    /// The first come sooner: the threads must wake up. A single one would find them asleep again at the next ones.
    private static let firstDeliveryCount = 4

    /// The replica's seat in its cluster; nil alone.
    let seat: ClusterSeat?
    private var sessions: [AttachmentID: LocalSession] = [:] {
        didSet { recent = nil }
    }
    /// The session of the last result: many results follow one another for the same one.
    private var recent: LocalSession?
    private var openings: [AttachmentID: SessionOpening] = [:]
    /// Writes that wait for their session to be renewed.
    private var held: [HeldWrite] = []
    private var streams: [AttachmentID: WatchStream] = [:]
    /// Results, on their way to those who wait.
    private var deliveries: [Delivery] {
        get { unsafe uncheckedDeliveries }
        _modify { yield unsafe &uncheckedDeliveries }
    }
    // The engine's thread alone: checking each access at run time for overlaps only costs.
    @exclusivity(unchecked) private var uncheckedDeliveries: [Delivery] = []
    /// How many writers were resumed since the driver last asked.
    private var resumedCount = 0
    private var barriers: [UInt64: @Sendable (Bool) -> Void] = [:]
    private var barrierAttachment: AttachmentID?
    private var barrierCount: UInt64 = 0
    private(set) var stopReason: String?

    init(seat: ClusterSeat?) { self.seat = seat }

    // MARK: Writes

    /// Hands a command of a session to the engine.
    func submit(_ write: WriteRequest, body: RawSpan, to engine: ReplicaEngine) {
        if let stopReason { return write.completion.resume(returning: .stopped(stopReason)) }
        if write.session.isOver {
            hold(write, body, engine)
        } else {
            submit(write.kind, write.session, write.completion, body, engine)
        }
    }

    private func submit(
        _ kind: Int32, _ session: LocalSession, _ completion: WriteCompletion?, _ body: RawSpan, _ engine: ReplicaEngine
    ) {
        let identities = ownerIdentities
        let result = engine.submit(
            kind: kind, session: session.id, attachment: session.attachment, sequence: session.nextSequence,
            identities: identities.span.bytes, body: body)
        switch result {
        case .accepted:
            session.nextSequence += 1
            session.waiting.append(completion)
        case .diskFull: completion?.resume(returning: .diskFull)
        case .stopped: completion?.resume(returning: .stopped(engine.stopReason ?? "the engine stopped"))
        }
    }

    /// Its session is over: the write waits for the one that takes its place, if one does.
    private func hold(_ write: WriteRequest, _ body: RawSpan, _ engine: ReplicaEngine) {
        let session = write.session
        guard let timeout = session.renewalMilliseconds else {
            return write.completion.resume(returning: .sessionOver)
        }
        held.append(
            HeldWrite(
                kind: write.kind, session: session, body: [UInt8](copying: body), completion: write.completion))
        guard !session.isRenewing else { return }
        session.isRenewing = true
        ask(timeout, isHidden: false, SessionOpening(renewed: session), engine)
    }

    private func failHeld(_ error: AviaryError) {
        for write in held {
            write.session.isRenewing = false
            write.completion.resume(returning: error.code == .diskFull ? .diskFull : .stopped(error.message))
        }
        held.removeAll()
    }

    /// Submits the writes that waited for their session, once it is renewed.
    ///
    /// - Returns: whether there were any.
    func submitHeld(to engine: ReplicaEngine) -> Bool {
        guard let first = held.first, !first.session.isOver else { return false }
        let writes = held
        held.removeAll()
        for write in writes { submit(write.kind, write.session, write.completion, write.body.span.bytes, engine) }
        return true
    }

    /// Whether somebody waits for an answer, but for those who wait for a session.
    var isAwaited: Bool {
        !held.isEmpty || !barriers.isEmpty || sessions.values.contains { !$0.waiting.isEmpty }
    }

    /// Asks for the end of all sessions, after everything submitted before.
    func closeSessions(on engine: ReplicaEngine) {
        for session in sessions.values {
            submit(OpCode.closeSession.rawValue, session, nil, RawSpan(), engine)
        }
    }

    // MARK: Sessions, barriers, watches

    /// Asks for a new session.
    ///
    /// - Parameter isRenewable: it is to be renewed if others end it.
    func open(
        timeoutMilliseconds: UInt32, isHidden: Bool, isRenewable: Bool = false, on engine: ReplicaEngine,
        _ done: @escaping Opened
    ) {
        let opening = SessionOpening(renewalMilliseconds: isRenewable ? timeoutMilliseconds : nil, done: done)
        ask(timeoutMilliseconds, isHidden: isHidden, opening, engine)
    }

    private func ask(
        _ timeoutMilliseconds: UInt32, isHidden: Bool, _ opening: SessionOpening, _ engine: ReplicaEngine
    ) {
        let attachment = engine.makeAttachment(for: self)
        var random = SystemRandomNumberGenerator()
        openings[attachment] = opening
        let result = engine.openSession(
            attachment, timeoutMilliseconds: timeoutMilliseconds, password: SessionPassword(using: &random),
            isHidden: isHidden)
        guard result != .accepted else { return }
        openings[attachment] = nil
        fail(opening, result == .diskFull ? .diskFull : .stopped)
    }

    private func fail(_ opening: SessionOpening?, _ code: AviaryError.Code) {
        guard let opening else { return }
        if opening.renewed != nil { failHeld(.refusedSession(code)) }
        opening.done?(.failure(.refusedSession(code)))
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
        guard let session = session(of: result.attachment), let completion = session.waiting.popFirst() else { return }
        if let completion {
            let outcome = WriteOutcome.applied(error: result.error, body: ResultBody(copying: body))
            deliveries.append(Delivery(completion: completion, outcome: outcome))
            let isEnough = deliveries.count >= (resumedCount == 0 ? Self.firstDeliveryCount : Self.deliveryCount)
            if isEnough { deliver() }
        }
        // Its end was not told of if this replica was so far behind that it took over the state of another.
        if result.error == .sessionExpired || result.error == .sessionMoved {
            sessions[result.attachment] = nil
            session.end()
        }
    }

    private func session(of attachment: AttachmentID) -> LocalSession? {
        if let recent, recent.attachment == attachment { return recent }
        recent = sessions[attachment]
        return recent
    }

    func sessionEvent(_ event: SessionEvent) {
        switch event.kind {
        case .opened, .attached:
            guard let opening = openings.removeValue(forKey: event.attachment) else { return }
            let session =
                opening.renewed
                ?? LocalSession(
                    id: event.session, attachment: event.attachment, renewalMilliseconds: opening.renewalMilliseconds)
            if opening.renewed != nil { session.renew(id: event.session, attachment: event.attachment) }
            sessions[event.attachment] = session
            opening.done?(.success(session))
        case .refused:
            fail(openings.removeValue(forKey: event.attachment), .system)
        case .closed, .expired, .moved:
            // The disk was full when the session was asked for once more.
            fail(openings.removeValue(forKey: event.attachment), .diskFull)
            sessions.removeValue(forKey: event.attachment)?.end()
        }
    }

    func watchFired(_ event: TreeEvent, path: RawSpan, watchers: [AttachmentID]) {
        let change = ZnodeEvent(event, path: path)
        for watcher in watchers { streams[watcher]?.send(change) }
    }

    func barrierReached(_ attachment: AttachmentID, token: UInt64) { barriers.removeValue(forKey: token)?(true) }

    func congestionChanged(_ isCongested: Bool) {}

    func servingChanged(_ isServing: Bool) {
        guard !isServing else { return }
        deliver()
        for session in sessions.values { session.end() }
        sessions.removeAll()
        let asked = openings.values
        openings.removeAll()
        for opening in asked { fail(opening, .notReady) }
        for barrier in barriers.values { barrier(false) }
        barriers.removeAll()
        endStreams(AviaryError(.notReady, "the replica took over the state of another one; read anew, and watch again"))
    }

    func batchEnded() { deliver() }

    private func deliver() {
        resumedCount += deliveries.count
        for delivery in deliveries { delivery.completion.resume(returning: delivery.outcome) }
        deliveries.removeAll(keepingCapacity: true)
    }

    /// How many writers got their results since this was last asked.
    func takeResumedCount() -> Int {
        defer { resumedCount = 0 }
        return resumedCount
    }

    func engineStopped(_ reason: String) { stop(reason, AviaryError(.stopped, reason)) }

    /// The engine is closed: whoever has no answer by now gets none, and streams end.
    func close() { stop(Self.closedReason, nil) }

    /// What a write that is not answered any more is told.
    static let closedReason = "the store is closed"

    private func stop(_ reason: String, _ error: AviaryError?) {
        stopReason = stopReason ?? reason
        deliver()
        for session in sessions.values {
            for completion in session.waiting { completion?.resume(returning: .stopped(reason)) }
            session.waiting.removeAll()
        }
        failHeld(AviaryError(.stopped, reason))
        for opening in openings.values { opening.done?(.failure(.refusedSession(.stopped))) }
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
