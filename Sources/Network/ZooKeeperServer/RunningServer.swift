package import Logging
package import NIOCore
import NIOPosix
package import ReplicaEngine

/// A server that listens, as everybody but its event loop sees it.
package final class RunningServer: Sendable {
    /// Where it listens.
    package let address: SocketAddress
    private let eventLoop: any EventLoop
    private let listener: any Channel
    private let server: NIOLoopBound<ZooKeeperServer>
    private let ticker: RepeatedTask
    /// The replica's part in its cluster; nil alone.
    private let peers: NIOLoopBound<ClusterPeers>?

    /// How often time is told to engine and connections.
    private static let tickMilliseconds: Int64 = 100
    /// The same for one of several replicas, which looks for a new leader within this.
    private static let clusterTickMilliseconds: Int64 = 10
    /// How long outstanding requests may take to be answered when the server stops.
    private static let drainSeconds: Int64 = 10

    private init(
        address: SocketAddress, listener: any Channel, server: NIOLoopBound<ZooKeeperServer>, ticker: RepeatedTask,
        peers: NIOLoopBound<ClusterPeers>?
    ) {
        self.address = address
        self.eventLoop = listener.eventLoop
        self.listener = listener
        self.server = server
        self.ticker = ticker
        self.peers = peers
    }

    /// Opens the engine on the loop that will drive it, then listens.
    ///
    /// - Parameters:
    ///   - eventLoop: carries the clients' connections and drives the engine; nothing else should run on it.
    ///   - cluster: the cluster that the replica is a member of, and its data directory; nil alone. A first start waits
    ///     for the other voters.
    ///   - openEngine: called on the loop, which it may hold up for as long as the replay takes. It is given what the
    ///     engine's threads call to wake the loop.
    /// - Throws: what `openEngine` throws, or why the address cannot be listened on.
    package static func start(
        configuration: ServerConfiguration, cluster: (settings: ClusterSettings, state: DirectoryState)? = nil,
        on eventLoop: any EventLoop, logger: Logger,
        openEngine:
            @escaping @Sendable (ReplicationOptions?, _ wake: @escaping @Sendable () -> Void) throws ->
            ReplicaEngine
    ) async throws -> RunningServer {
        let waker = Waker(eventLoop: eventLoop)
        let peers = try await eventLoop.submit { () throws -> NIOLoopBound<ClusterPeers>? in
            guard let (settings, state) = cluster else { return nil }
            let peers = try ClusterPeers(settings: settings, state: state, eventLoop: eventLoop, logger: logger) {
                try openEngine($0) { waker.wake() }
            }
            return NIOLoopBound(peers, eventLoop: eventLoop)
        }.get()
        do {
            let engine = try await eventLoop.flatSubmit { () -> EventLoopFuture<NIOLoopBound<ReplicaEngine>> in
                if let peers { return peers.value.start() }
                return eventLoop.makeCompletedFuture {
                    NIOLoopBound(try openEngine(nil) { waker.wake() }, eventLoop: eventLoop)
                }
            }.get()
            let server = try await eventLoop.submit {
                let server = ZooKeeperServer(
                    engine: engine.value, configuration: configuration, eventLoop: eventLoop, logger: logger)
                waker.connect(to: server)
                peers?.value.connect { [unowned server] in server.peersSpoke() }
                return NIOLoopBound(server, eventLoop: eventLoop)
            }.get()
            return try await serve(server, peers, configuration, on: eventLoop)
        } catch {
            try? await eventLoop.flatSubmit { peers?.value.stop() ?? eventLoop.makeSucceededVoidFuture() }.get()
            throw error
        }
    }

    private static func serve(
        _ server: NIOLoopBound<ZooKeeperServer>, _ peers: NIOLoopBound<ClusterPeers>?,
        _ configuration: ServerConfiguration, on eventLoop: any EventLoop
    ) async throws -> RunningServer {
        let period = TimeAmount.milliseconds(peers == nil ? tickMilliseconds : clusterTickMilliseconds)
        let ticker = eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in server.value.tick() }
        do {
            let listener = try await listen(server, configuration: configuration, on: eventLoop)
            guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
            return RunningServer(address: address, listener: listener, server: server, ticker: ticker, peers: peers)
        } catch {
            ticker.cancel()
            try? await eventLoop.submit { try server.value.close() }.get()
            throw error
        }
    }

    private static func listen(
        _ server: NIOLoopBound<ZooKeeperServer>, configuration: ServerConfiguration, on eventLoop: any EventLoop
    ) async throws -> any Channel {
        try await ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: Int32(clamping: max(configuration.listenBacklog, 1)))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One read a turn: what came is taken at once, and no read is spent on finding that there is no more.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 256 * 1_024, high: 1_024 * 1_024))
            .childChannelInitializer { channel in
                let server = server.value
                guard server.admits(channel.remoteAddress) else {
                    return eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
                }
                return eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ClientConnection(server: server, address: channel.remoteAddress, now: server.now))
                }
            }
            .bind(host: configuration.clientAddress, port: configuration.clientPort).get()
    }

    /// Stops accepting, answers what is outstanding, ends the connections and closes the engine: a checkpoint, and the
    /// mark of a clean end.
    ///
    /// - Throws: why the engine could not end cleanly; nothing acknowledged is lost by that.
    package func stop() async throws {
        try? await listener.close().get()
        let timeout = eventLoop.scheduleTask(in: .seconds(RunningServer.drainSeconds)) { [server] in
            server.value.cutOffAll("the server stops")
        }
        try await eventLoop.flatSubmit { [server] in server.value.drain() }.get()
        timeout.cancel()
        try await eventLoop.flatSubmit { [server] in server.value.handOver() }.get()
        try? await eventLoop.flatSubmit { [peers, eventLoop] in
            peers?.value.stop() ?? eventLoop.makeSucceededVoidFuture()
        }.get()
        ticker.cancel()
        try await eventLoop.submit { [server] in try server.value.close() }.get()
    }

    /// The text that a four-letter word is answered with.
    package func answer(to word: FourLetterWord) async throws -> String {
        try await eventLoop.submit { [server] in server.value.answer(to: word) }.get()
    }

    /// What is to be said of the start.
    package func startSummary() async throws -> StartSummary {
        try await eventLoop.submit { [server] in server.value.startSummary() }.get()
    }

    /// Waits until the engine stopped by itself, or `endWait` was called.
    ///
    /// - Returns: why the engine stopped; nil if it did not.
    package func waitForEnd() async throws -> String? {
        try await eventLoop.flatSubmit { [server] in server.value.end.futureResult }.get()
    }

    /// Lets `waitForEnd` return. From any thread.
    package func endWait() {
        eventLoop.execute { [server] in server.value.endWait(nil) }
    }
}
