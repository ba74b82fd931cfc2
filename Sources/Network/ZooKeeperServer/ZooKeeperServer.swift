import CoreTypes
package import Logging
package import NIOCore
package import ReplicaEngine
import ZnodeTree
import ZooKeeperWire

/// Serves ZooKeeper's clients from one replica.
///
/// One event loop carries all client connections and drives the engine, so a request crosses no thread on its way in:
/// inputs of a turn are submitted as they are decoded, and `endOfInput` hands them to the log as one proposal; the log
/// wakes the loop once per durable group, results become replies, and each connection writes once.
///
/// Thread: confined to its event loop. `RunningServer` is the handle for everybody else.
package final class ZooKeeperServer {
    let engine: ReplicaEngine
    let configuration: ServerConfiguration
    let logger: Logger
    let eventLoop: any EventLoop
    let authenticator: Authenticator
    let timeoutBounds: ClosedRange<Int>
    /// The monotonic clock at start, in nanoseconds.
    let startedAt: Int64

    var statistics = ServerStatistics()
    /// The monotonic clock, read once per batch of input or results, in nanoseconds.
    private(set) var now: Int64
    /// Commands submitted and not answered, of all connections.
    var outstandingCount = 0
    /// Scratch for encoding one reply; used and emptied within one call.
    let scratch = ByteBuilder(capacity: 4_096)

    private(set) var connections = ConnectionList()
    private var connectionByAttachment: [AttachmentID: ClientConnection] = [:]
    /// Who has output to be written or must end; written at the end of the turn.
    private var marked: [ClientConnection] = []
    private var isTurnEndScheduled = false
    /// When connections are looked at next.
    private var watchAt: Int64 = 0
    private var traffic = ClientTraffic()
    var isEngineCongested = false
    private var wasCongested = false
    var stopReason: String?
    private(set) var isStopping = false
    /// Completes with the reason when the engine stopped by itself, with nil when nobody need wait for that any more.
    let end: EventLoopPromise<String?>
    private var isEnded = false
    /// Completes when the last connection is gone, while stopping.
    private var drained: EventLoopPromise<Void>?

    private var foreignNote = RateLimitedNote()
    private var rejectNote = RateLimitedNote()
    private var authenticationNote = RateLimitedNote()
    private var diskFullNote = RateLimitedNote()
    private var faultNote = RateLimitedNote()

    package init(
        engine: ReplicaEngine, configuration: ServerConfiguration, eventLoop: any EventLoop, logger: Logger
    ) {
        eventLoop.preconditionInEventLoop()
        self.engine = engine
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        authenticator = Authenticator(superDigest: configuration.superDigest)
        timeoutBounds = configuration.sessionTimeoutMilliseconds
        now = Int64(NIODeadline.now().uptimeNanoseconds)
        startedAt = now
        end = eventLoop.makePromise()
        engine.register(self)
    }

    /// The last zxid that is applied here: what replies to reads carry.
    var appliedZxid: Int64 { engine.appliedZxid.wireValue }

    // MARK: Turns

    /// Reads the clock for a batch of input or results.
    func noteTime() { now = Int64(NIODeadline.now().uptimeNanoseconds) }

    /// Something was submitted: the turn must end with `endOfInput`.
    func noteInput() {
        guard !isTurnEndScheduled else { return }
        isTurnEndScheduled = true
        // Runs after the inputs of all channels that were ready in this turn.
        eventLoop.assumeIsolated().execute { self.endTurn() }
    }

    /// A connection has output, or must end.
    func mark(_ connection: ClientConnection) {
        guard !connection.isMarked else { return }
        connection.isMarked = true
        marked.append(connection)
        noteInput()
    }

    /// Messages of peers were taken in.
    func peersSpoke() {
        noteTime()
        noteInput()
    }

    /// The log's work first, so that it proceeds while replies are written; unless it is done here.
    func endTurn() {
        isTurnEndScheduled = false
        let writesLog = mayWriteLog
        if writesLog { writeOutput() }
        if engine.endOfInput(writesLog: writesLog) { engine.processCompletions() }
        writeOutput()
    }

    /// Whether the loop may wait for the disk: it is fast, and nobody has need of the loop meanwhile but who waits for the
    /// disk, too. A leader goes on as soon as two others have it on disk, and does not wait for its own
    /// (`Decisions/0007`).
    private var mayWriteLog: Bool {
        guard traffic.isQuiet(at: now, outstandingCount: outstandingCount), engine.mode != .leader else { return false }
        let expected = engine.syncNanoseconds
        return expected > 0 && expected < Self.fastSyncNanoseconds
    }

    /// A disk whose durable write takes no longer than this is worth waiting for: the hops to the log's thread and back
    /// would take a good part of that.
    private static let fastSyncNanoseconds: UInt64 = 500_000

    func writeOutput() {
        guard !marked.isEmpty else { return }
        // Writing can end connections and so mark others: those are taken too.
        var index = 0
        while index < marked.count {
            let connection = marked[index]
            connection.isMarked = false
            connection.flush()
            index += 1
        }
        marked.removeAll(keepingCapacity: true)
    }

    /// Another thread finished something for the engine.
    func processCompletions() {
        asOneTurn { engine.processCompletions() }
    }

    /// Time passed; called many times a second.
    func tick() {
        asOneTurn {
            engine.tick(now: Tick(rawValue: UInt64(now / 1_000_000)))
            guard now >= watchAt else { return }
            watchAt = now + Self.watchNanoseconds
            watchConnections()
        }
    }

    /// How often connections are looked at.
    private static let watchNanoseconds: Int64 = 100_000_000

    /// Ends connections that never ask for a session, and those whose session others may soon take to be over.
    private func watchConnections() {
        let unconfirmed = engine.unconfirmedMilliseconds ?? 0
        for connection in connections.all {
            if connection.machine.session == .none {
                guard connection.connectDeadline <= now else { continue }
                connection.cutOff("no session within \(configuration.connectTimeoutMilliseconds) ms")
            } else if unconfirmed > UInt64(connection.machine.timeoutMilliseconds) / 3 {
                connection.cutOff("no leader was heard of for \(unconfirmed) ms, a third of the session's timeout")
            }
        }
    }

    /// Whatever is submitted or marked on the way leaves at the end of this call, and needs no task of its own.
    private func asOneTurn(_ body: () -> Void) {
        noteTime()
        let isScheduled = isTurnEndScheduled
        isTurnEndScheduled = true
        body()
        engine.endOfInput()
        writeOutput()
        isTurnEndScheduled = isScheduled
    }

    // MARK: Congestion

    /// True while connections that have something outstanding are not read from.
    var isCongested: Bool {
        if isEngineCongested { return true }
        guard let most = configuration.outstandingRequestCountMax else { return false }
        return outstandingCount >= most
    }

    func noteCongestion() {
        let isCongested = isCongested
        defer { wasCongested = isCongested }
        guard wasCongested, !isCongested else { return }
        for connection in connections.all { connection.resumeReading() }
    }

    // MARK: Sessions

    func open(_ connection: ClientConnection, password: SessionPassword, timeoutMilliseconds: UInt32) {
        guard serves(connection) else { return }
        name(connection)
        let result = engine.openSession(
            connection.attachment, timeoutMilliseconds: timeoutMilliseconds, password: password)
        noteSessionInput(connection, result)
    }

    func attach(
        _ connection: ClientConnection, to session: SessionID, password: SessionPassword, timeoutMilliseconds: UInt32
    ) {
        guard serves(connection) else { return }
        name(connection)
        let result = engine.attachSession(
            connection.attachment, session: session, password: password,
            timeoutMilliseconds: timeoutMilliseconds)
        noteSessionInput(connection, result)
    }

    /// Whether sessions can be had; their connection ends if not.
    private func serves(_ connection: ClientConnection) -> Bool {
        if engine.isInstalling { connection.cutOff("the replica takes a snapshot of another one") }
        return !engine.isInstalling
    }

    private func name(_ connection: ClientConnection) {
        connection.attachment = engine.makeAttachment(for: self)
        connectionByAttachment[connection.attachment] = connection
    }

    private func noteSessionInput(_ connection: ClientConnection, _ result: SubmitResult) {
        noteInput()
        guard result != .accepted else { return }
        if result == .diskFull { noteDiskFull() }
        connection.cutOff("the replica takes no sessions now")
    }

    func connection(of attachment: AttachmentID) -> ClientConnection? { connectionByAttachment[attachment] }

    /// A client sent something whole.
    func heard(from session: SessionID, _ attachment: AttachmentID) {
        traffic.heard(from: attachment, at: now)
        if session != .none { engine.touch(session) }
    }

    // MARK: Connections

    /// Whether a connection from this address may be had.
    func admits(_ address: SocketAddress?) -> Bool {
        noteTime()
        let reason: String
        if isStopping || stopReason != nil {
            reason = "the server is stopping"
        } else if connections.count >= configuration.connectionCountMax {
            reason = "there are \(connections.count) connections, as many as maxCnxns allows"
        } else if let bytes = address?.addressBytes, configuration.connectionsPerAddressMax > 0,
            connections.count(of: bytes) >= configuration.connectionsPerAddressMax
        {
            reason = "its address has \(connections.count(of: bytes)) connections, as many as maxClientCnxns allows"
        } else {
            return true
        }
        statistics.rejectedConnections += 1
        if let suppressed = rejectNote.admit(at: now) {
            logger.warning(
                "connection rejected",
                metadata: [
                    "client": "\(address?.endpoint ?? "local")", "reason": "\(reason)", "suppressed": "\(suppressed)",
                ])
        }
        return false
    }

    func connectionOpened(_ connection: ClientConnection) { connections.add(connection) }

    func connectionClosed(_ connection: ClientConnection) {
        guard connections.remove(connection) else { return }
        if connection.attachment != .none {
            connectionByAttachment[connection.attachment] = nil
            engine.detach(connection.attachment)
        }
        if isStopping, connections.count == 0 { drained?.succeed() }
    }

    // MARK: Notes

    func noteReply(_ connection: ClientConnection, isWrite: Bool, receivedAt: Int64) {
        let nanoseconds = now - receivedAt
        statistics.sent += 1
        statistics.latency.add(nanoseconds: nanoseconds)
        if isWrite {
            statistics.writeLatency.add(nanoseconds: nanoseconds)
        } else {
            statistics.readLatency.add(nanoseconds: nanoseconds)
        }
        connection.statistics.latency.add(nanoseconds: nanoseconds)
        connection.statistics.lastLatencyNanoseconds = nanoseconds
        connection.statistics.lastReplyAt = now
    }

    func noteEvent() {
        statistics.sent += 1
        statistics.events += 1
    }

    /// What a read that the tree did not answer is answered with.
    func code(of failure: TreeFailure) -> ErrorCode {
        switch failure {
        case .refused(let error): return error
        case .fault(let fault):
            if let suppressed = faultNote.admit(at: now) {
                logger.error(
                    "a read failed: \(fault)", metadata: ["suppressed": "\(suppressed)"])
            }
            if engine.isClustered {
                // Not from inside the connection that reads.
                eventLoop.assumeIsolated().execute { self.asOneTurn { self.engine.storeFailed("\(fault)") } }
            }
            return .systemError
        }
    }

    func noteForeign(_ connection: ClientConnection, protocolName: String) {
        guard let suppressed = foreignNote.admit(at: now) else { return }
        logger.warning(
            "\(protocolName) on the ZooKeeper client port",
            metadata: ["client": "\(connection.endpoint)", "suppressed": "\(suppressed)"])
    }

    func noteFailedAuthentication(_ connection: ClientConnection, scheme: [UInt8]) {
        statistics.failedAuthentications += 1
        guard let suppressed = authenticationNote.admit(at: now) else { return }
        logger.warning(
            "authentication failed",
            metadata: [
                "client": "\(connection.endpoint)", "scheme": "\(String(decoding: scheme.prefix(64), as: UTF8.self))",
                "suppressed": "\(suppressed)",
            ])
    }

    func noteDiskFull() {
        guard let suppressed = diskFullNote.admit(at: now) else { return }
        logger.error(
            "writes are refused: the disk is full; they are taken again as soon as there is room",
            metadata: ["suppressed": "\(suppressed)"])
    }

    // MARK: The end

    /// Takes no more requests and answers those that are outstanding.
    ///
    /// - Returns: completes when the last connection is gone.
    func drain() -> EventLoopFuture<Void> {
        if let drained { return drained.futureResult }
        let promise = eventLoop.makePromise(of: Void.self)
        drained = promise
        isStopping = true
        for connection in connections.all {
            connection.machine.close()
            mark(connection)
        }
        if connections.count == 0 { promise.succeed() }
        return promise.futureResult
    }

    /// Gives the lead to another replica before this one goes, so that nobody waits for a time-out.
    ///
    /// - Returns: completes when another one leads, or will not.
    func handOver() -> EventLoopFuture<Void> {
        guard engine.mode == .leader else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        asOneTurn { engine.transferLeadership() }
        awaitOtherLeader(until: now + Self.handOverNanoseconds, promise)
        return promise.futureResult
    }

    private func awaitOtherLeader(until deadline: Int64, _ promise: EventLoopPromise<Void>) {
        noteTime()
        guard engine.mode == .leader, now < deadline else { return promise.succeed() }
        eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(5)) {
            self.awaitOtherLeader(until: deadline, promise)
        }
    }

    /// How long a hand-over may take.
    private static let handOverNanoseconds: Int64 = 1_000_000_000

    /// Ends what did not end by itself.
    func cutOffAll(_ reason: String) {
        for connection in connections.all { connection.cutOff(reason) }
    }

    func endWait(_ reason: String?) {
        guard !isEnded else { return }
        isEnded = true
        end.succeed(reason)
    }

    /// Closes the engine. Nothing may be called afterwards.
    func close() throws {
        endWait(nil)
        try engine.close()
    }

    func resetStatistics() { statistics = ServerStatistics() }

    func resetConnectionStatistics() {
        for connection in connections.all { connection.statistics = ConnectionStatistics() }
    }
}
