import Consensus
package import CoreTypes
package import Logging
package import NIOCore

/// Carries frame bodies between replicas over TCP.
///
/// Of two replicas the one with the higher number dials the other, again and again until it succeeds, so that there is
/// one connection between them and no tie to break. A connection begins with a handshake (`Handshake`), and then
/// carries frames both ways. Bodies are opaque here.
///
/// Delivery: bodies arrive in order, each once, as long as the connection lasts. When it ends, the last ones may be
/// lost, and nobody says which.
///
/// Thread: confined to its event loop, `init` included.
package final class PeerTransport {
    let eventLoop: any EventLoop
    let ownReplica: ReplicaID
    let listenAddress: PeerAddress
    let secret: [UInt8]?
    let options: PeerTransportOptions
    let logger: Logger
    private(set) weak var delegate: (any PeerTransportDelegate)?

    /// By rising number.
    let links: [PeerLink]
    /// Where in `links` a replica stands; -1 for others.
    private let placeOfReplica: [Int]
    /// Every connection whose channel is connected and that has not ended.
    var open: [PeerConnection] = []
    /// Those accepted ones among them that have not proved who they are, the oldest first.
    var unproven: [PeerConnection] = []
    /// Connections with output since the last flush.
    private var marked: [PeerConnection] = []
    /// True while the engine is calling `send` or `flush`: it must not be called in turn.
    private var isInCall = false
    var isStarted = false
    private(set) var isStopped = false
    var listener: (any Channel)?
    private var notes = EndNotes()
    package internal(set) var counters = PeerTransportCounters()

    /// - Parameters:
    ///   - eventLoop: the one that this is called on, and on which everything happens: the engine's driver.
    ///   - listenAddress: port 0 takes any that is free; see `listeningPort`.
    ///   - peers: the other replicas, wherever they are. A name is looked up at each attempt to connect.
    ///   - secret: shared by all replicas of the cluster; nil for none.
    ///   - delegate: not kept alive; without it connections end.
    package init(
        eventLoop: any EventLoop, ownReplica: ReplicaID, listenAddress: PeerAddress, peers: [ReplicaID: PeerAddress],
        secret: [UInt8]?, logger: Logger, delegate: any PeerTransportDelegate,
        options: PeerTransportOptions = PeerTransportOptions()
    ) {
        eventLoop.preconditionInEventLoop()
        self.eventLoop = eventLoop
        self.ownReplica = ownReplica
        self.listenAddress = listenAddress
        self.secret = secret
        self.logger = logger
        self.delegate = delegate
        self.options = options
        links = peers.sorted { $0.key < $1.key }.map { PeerLink(replica: $0.key, address: $0.value) }
        var places = [Int](repeating: -1, count: 256)
        for (place, link) in links.enumerated() { places[Int(link.replica.rawValue)] = place }
        placeOfReplica = places
    }

    /// The port that is listened on; nil before the start.
    package var listeningPort: Int? { listener?.localAddress?.port }

    /// Whether bodies given to `send` go anywhere.
    package func isConnected(to replica: ReplicaID) -> Bool { link(replica)?.connection?.phase == .established }

    func link(_ replica: ReplicaID) -> PeerLink? {
        let place = placeOfReplica[Int(replica.rawValue)]
        return place < 0 ? nil : links[place]
    }

    // MARK: Life

    /// Listens and begins to dial.
    ///
    /// - Returns: completes when it listens; fails with `PeerTransportError`, or with why it cannot listen.
    package func start() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        do {
            try check()
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        isStarted = true
        return listen().assumeIsolated().map { listener in
            self.listener = listener
            if self.isStopped {
                listener.close(promise: nil)
            } else {
                self.dialAll()
            }
        }.nonisolated()
    }

    private func check() throws(PeerTransportError) {
        guard !isStarted, !isStopped else { throw .isRunning }
        guard ownReplica != .none, link(ownReplica) == nil, link(.none) == nil else { throw .ownNumber }
        guard let secret else {
            for address in [listenAddress] + links.map(\.address) where !address.isLoopback {
                throw .secretNeeded(address: "\(address)")
            }
            return
        }
        guard secret.count >= Limits.peerSecretByteCountMin else {
            throw .secretTooShort(byteCount: secret.count, least: Limits.peerSecretByteCountMin)
        }
    }

    /// Closes everything. The delegate is not told of anything any more.
    ///
    /// - Returns: completes when no connection is left. An attempt to connect that is under way ends by itself.
    package func stop() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        isStopped = true
        delegate = nil
        var ends: [EventLoopFuture<Void>] = []
        if let listener {
            ends.append(listener.closeFuture)
            listener.close(promise: nil)
        }
        for link in links {
            link.redial?.cancel()
            link.redial = nil
        }
        for connection in open {
            if let channel = connection.context?.channel { ends.append(channel.closeFuture) }
            connection.end(.stopped)
        }
        for link in links { link.connection = nil }
        return EventLoopFuture.andAllComplete(ends, on: eventLoop)
    }

    // MARK: Sending

    /// Adds a body to what leaves for a replica with the next `flush`; drops it if the replica is not connected.
    ///
    /// If more than `Limits.peerQueueByteCountMax` bytes would wait, the connection is closed, what waits is dropped,
    /// and the delegate is told after this call.
    ///
    /// - Parameter body: copied; at most `Limits.peerBodyByteCountMax` bytes, and not empty.
    package func send(_ body: RawSpan, to replica: ReplicaID) {
        guard let connection = queue(body, for: replica), !connection.isMarked else { return }
        connection.isMarked = true
        marked.append(connection)
    }

    /// As `send`, for a body that nobody waits for: while bodies leave for the replica in quick succession, it leaves with
    /// the next one, or after `PeerTransportOptions.unhurriedMicroseconds`.
    package func sendUnhurried(_ body: RawSpan, to replica: ReplicaID) {
        guard let connection = link(replica)?.connection, connection.isBusy(at: PeerTransport.now) else {
            return send(body, to: replica)
        }
        hold(body, for: replica, microseconds: options.unhurriedMicroseconds)
    }

    /// As `send`, but the body leaves with the next one that is sent otherwise, or after
    /// `PeerTransportOptions.laterMicroseconds`.
    package func sendLater(_ body: RawSpan, to replica: ReplicaID) {
        hold(body, for: replica, microseconds: options.laterMicroseconds)
    }

    private func hold(_ body: RawSpan, for replica: ReplicaID, microseconds: Int) {
        guard let connection = queue(body, for: replica) else { return }
        let due = PeerTransport.now + Int64(microseconds) * 1_000
        if let earlier = connection.heldUntil, earlier <= due { return }
        connection.heldUntil = due
        eventLoop.assumeIsolated().scheduleTask(in: .microseconds(Int64(microseconds))) {
            if connection.heldUntil == due { connection.heldUntil = nil }
            connection.writeOutput()
        }
    }

    /// - Returns: the connection whose output it was added to; nil if it was dropped.
    private func queue(_ body: RawSpan, for replica: ReplicaID) -> PeerConnection? {
        guard let connection = link(replica)?.connection, connection.phase == .established else {
            counters.droppedFrames += 1
            return nil
        }
        let wasInCall = isInCall
        isInCall = true
        defer { isInCall = wasInCall }
        guard connection.append(body) else {
            counters.droppedFrames += 1
            return nil
        }
        counters.sentFrames += 1
        return connection
    }

    /// Lets everything leave that was given to `send`: one write a peer.
    package func flush() {
        guard !marked.isEmpty else { return }
        let wasInCall = isInCall
        isInCall = true
        defer { isInCall = wasInCall }
        let now = PeerTransport.now
        for connection in marked {
            connection.isMarked = false
            connection.noteFlush(at: now)
            connection.writeOutput()
        }
        marked.removeAll(keepingCapacity: true)
    }

    // MARK: Ending connections

    /// Closes the connection with a replica, after the current call. It is made anew as if it had broken.
    package func disconnect(_ replica: ReplicaID, reason: String) {
        eventLoop.assumeIsolated().execute { self.link(replica)?.connection?.end(.dropped(reason)) }
    }

    /// The own facts changed: closes every connection, after the current call, so that the next ones begin with the new
    /// facts.
    package func greetAgain() {
        eventLoop.assumeIsolated().execute {
            for connection in self.open { connection.end(.dropped("its facts changed")) }
        }
    }

    // MARK: What connections report

    func readComplete() { delegate?.peerReadComplete() }

    /// A peer has proved who it is. The newer connection with it wins: the older may be one whose end has not been
    /// noticed.
    ///
    /// - Returns: why it is not welcome; nil if it is.
    func welcome(_ connection: PeerConnection, _ facts: PeerFacts) -> String? {
        unproven.removeAll { $0 === connection }
        guard let delegate, let link = link(facts.identity.replica) else { return "the replica stops" }
        if let older = link.connection {
            older.end(.replaced)
            reportEnd(of: older)
        }
        link.connection = connection
        connection.isReported = true
        if let reason = delegate.peerConnected(facts) {
            connection.isReported = false
            if link.connection === connection { link.connection = nil }
            return reason
        }
        connection.establishedAt = PeerTransport.now
        counters.connected += 1
        logger.info(
            "peer connected", metadata: ["replica": "\(link.replica.rawValue)", "address": "\(connection.endpoint)"])
        return nil
    }

    /// A connection ended, or was never made.
    func ended(_ connection: PeerConnection, _ reason: ConnectionEnd) {
        guard connection.isOpen else { return }
        open.removeAll { $0 === connection }
        unproven.removeAll { $0 === connection }
        count(reason)
        note(reason, of: connection)
        if connection.isReported {
            if isInCall {
                eventLoop.assumeIsolated().execute { self.reportEnd(of: connection) }
            } else {
                reportEnd(of: connection)
            }
        }
        redial(after: connection)
    }

    /// Tells the delegate, once.
    private func reportEnd(of connection: PeerConnection) {
        guard connection.isReported, let replica = connection.facts?.identity.replica else { return }
        connection.isReported = false
        if let link = link(replica), link.connection === connection { link.connection = nil }
        counters.disconnected += 1
        delegate?.peerDisconnected(replica)
    }

    private func count(_ reason: ConnectionEnd) {
        if case .refused = reason { counters.refused += 1 }
        if case .queueFull = reason { counters.overflowed += 1 }
        if reason.isFault { counters.faulty += 1 }
    }

    static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    /// Logs an end; of those that are alike one a minute.
    private func note(_ reason: ConnectionEnd, of connection: PeerConnection) {
        if case .stopped = reason { return }
        let replica = connection.facts?.identity.replica ?? connection.target
        note(reason, replica: replica, endpoint: connection.endpoint)
    }

    func note(_ reason: ConnectionEnd, replica: ReplicaID?, endpoint: String) {
        let key = "\(reason.kind) \(replica?.rawValue ?? 0)"
        guard let suppressed = notes.admit(key, at: PeerTransport.now) else { return }
        let what = if case .refused = reason { "peer connection refused" } else { "peer connection ended" }
        var metadata: Logger.Metadata = [
            "address": "\(endpoint)", "reason": "\(reason)", "suppressed": "\(suppressed)",
        ]
        if let replica { metadata["replica"] = "\(replica.rawValue)" }
        logger.warning("\(what)", metadata: metadata)
    }
}
