import Consensus
import CoreTypes
import NIOCore
import NIOPosix

/// Listening, dialling and dialling again.
extension PeerTransport {
    /// Bytes read at once: from a little to what a large proposal needs.
    private static let receiveByteCounts = AdaptiveRecvByteBufferAllocator(
        minimum: 4_096, initial: 65_536, maximum: 1_048_576)
    /// Writable again only when everything is written: see `PeerConnection.writeOutput`.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 1, high: 1)

    func listen() -> EventLoopFuture<any Channel> {
        let transport = NIOLoopBound(self, eventLoop: eventLoop)
        return ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: PeerTransport.receiveByteCounts)
            .childChannelOption(.writeBufferWaterMark, value: PeerTransport.waterMark)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try PeerTransport.noticeDeath(on: channel, transport.value.options)
                    try channel.pipeline.syncOperations.addHandler(
                        PeerConnection(transport: transport.value, target: nil))
                }
            }
            .bind(host: listenAddress.host, port: listenAddress.port)
    }

    /// The higher number dials.
    func dialAll() {
        for link in links where link.replica < ownReplica { dial(link) }
    }

    private func dial(_ link: PeerLink) {
        link.redial = nil
        guard !isStopped else { return }
        let transport = NIOLoopBound(self, eventLoop: eventLoop)
        let replica = link.replica
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(.milliseconds(Int64(options.connectMillisecondsMax)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: PeerTransport.receiveByteCounts)
            .channelOption(.writeBufferWaterMark, value: PeerTransport.waterMark)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try PeerTransport.noticeDeath(on: channel, transport.value.options)
                    try channel.pipeline.syncOperations.addHandler(
                        PeerConnection(transport: transport.value, target: replica))
                }
            }
        let attempt =
            if let address = link.address.literal {
                bootstrap.connect(to: address)
            } else {
                bootstrap.connect(host: link.address.host, port: link.address.port)
            }
        attempt.assumeIsolated().whenFailure { error in
            self.note(
                .refused(.unreachable("\(error)")), replica: link.replica, endpoint: "\(link.address)")
            self.redial(link)
        }
    }

    /// Lets the kernel notice a peer whose machine died, or the network between: it asks an idle one, and gives up on
    /// one that acknowledges nothing.
    private static func noticeDeath(on channel: any Channel, _ limits: PeerTransportOptions) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.socketOption(.so_keepalive), value: 1)
        #if os(Linux)
        // TCP_KEEPIDLE and TCP_KEEPINTVL in seconds, TCP_KEEPCNT, TCP_USER_TIMEOUT in milliseconds.
        for (name, value) in [(4, 1), (5, 1), (6, 3), (18, limits.unacknowledgedMillisecondsMax)] as [(CInt, Int)] {
            try options.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: name)), value: value)
        }
        #endif
    }

    // MARK: What connections report

    /// A channel is connected.
    ///
    /// - Returns: what its handshake needs; nil if it was ended instead.
    func open(_ connection: PeerConnection) -> Handshake.Terms? {
        guard let delegate, !isStopped else {
            connection.end(.stopped)
            return nil
        }
        connection.isOpen = true
        open.append(connection)
        if let target = connection.target {
            link(target)?.dialled = connection
        } else {
            unproven.append(connection)
            if unproven.count > options.unprovenConnectionCountMax { unproven[0].end(.refused(.crowded)) }
        }
        if secret == nil, connection.context?.channel.remoteAddress?.isLoopback != true {
            connection.end(.refused(.notLoopback))
            return nil
        }
        var random = SystemRandomNumberGenerator()
        let nonce = (0..<Greeting.nonceByteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
        let facts = delegate.ownFacts()
        invariant(facts.identity.replica == ownReplica, "the facts are those of another replica")
        return Handshake.Terms(
            facts: facts, secret: secret, peers: links.map(\.replica), nonce: nonce)
    }

    /// Dials again if this side dialled.
    func redial(after connection: PeerConnection) {
        guard let target = connection.target, let link = link(target), link.dialled === connection else { return }
        link.dialled = nil
        let lasted = connection.establishedAt == 0 ? 0 : PeerTransport.now - connection.establishedAt
        if lasted > Int64(options.connectMillisecondsMax) * 1_000_000 { link.failedCount = 0 }
        redial(link)
    }

    private func redial(_ link: PeerLink) {
        guard !isStopped, link.redial == nil else { return }
        var random = SystemRandomNumberGenerator()
        let milliseconds = link.redialMilliseconds(options, using: &random)
        link.failedCount += 1
        link.redial = eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) {
            self.dial(link)
        }
    }
}
