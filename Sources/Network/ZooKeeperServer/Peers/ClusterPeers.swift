import Clustering
import Consensus
import CoreTypes
import Logging
import NIOCore
import PeerTransport
import PeerWire
import ReplicaEngine

/// A replica's part in its cluster, on the server's event loop: its seat, and the network that carries for it.
///
/// Thread: confined to the event loop that drives the engine.
final class ClusterPeers {
    private let settings: ClusterSettings
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let seat: ClusterSeat
    private var transport: PeerTransport?
    /// Called when messages were taken in: the turn must end.
    private var onInput: () -> Void = {}
    private let opened: EventLoopPromise<NIOLoopBound<ReplicaEngine>>

    /// - Parameters:
    ///   - state: what the data directory says; see `DataDirectory.prepareMember`.
    ///   - openEngine: called once, when it is known what cluster the replica belongs to.
    init(
        settings: ClusterSettings, state: DirectoryState, eventLoop: any EventLoop, logger: Logger,
        openEngine: @escaping (ReplicationOptions) throws -> ReplicaEngine
    ) throws(EngineError) {
        self.settings = settings
        self.eventLoop = eventLoop
        self.logger = logger
        guard
            let configured = ConfiguredMembers(
                voters: settings.members.filter { !$0.isObserver }.map(\.replica),
                observers: settings.members.filter(\.isObserver).map(\.replica))
        else { throw EngineError(.directoryNotUsable, "the configured servers can be no cluster") }
        seat = try ClusterSeat(
            configured: configured, state: state, isInitializing: settings.isInitializing, logger: logger,
            openEngine: openEngine)
        opened = eventLoop.makePromise()
    }

    // MARK: Life

    /// Listens for peers and looks for them.
    ///
    /// - Returns: completes when the cluster is formed and the engine is open; fails if that can never be.
    func start() -> EventLoopFuture<NIOLoopBound<ReplicaEngine>> {
        let (opened, eventLoop) = (opened, eventLoop)
        let isToConnect = seat.prepare(self) { result in
            opened.completeWith(result.map { NIOLoopBound($0, eventLoop: eventLoop) })
        }
        guard isToConnect else { return opened.futureResult }
        let transport = makeTransport()
        self.transport = transport
        transport.start().assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.seat.begin()
            case .failure(let error): self.seat.fail(error)
            }
        }
        return opened.futureResult
    }

    /// From now on `onInput` is called when messages were taken in.
    func connect(onInput: @escaping () -> Void) { self.onInput = onInput }

    func stop() -> EventLoopFuture<Void> {
        transport?.stop() ?? eventLoop.makeSucceededVoidFuture()
    }

    private func makeTransport() -> PeerTransport {
        var peers: [ReplicaID: PeerAddress] = [:]
        var listen = PeerAddress(host: "127.0.0.1", port: 0)
        for member in settings.members {
            let address = PeerAddress(host: member.host, port: member.peerPort)
            if member.replica == settings.ownReplica { listen = address } else { peers[member.replica] = address }
        }
        return PeerTransport(
            eventLoop: eventLoop, ownReplica: settings.ownReplica, listenAddress: listen, peers: peers,
            secret: settings.secret?.bytes, logger: logger, delegate: self)
    }
}

extension ClusterPeers: PeerTransportDelegate {
    func ownFacts() -> PeerFacts {
        PeerFacts(
            cluster: seat.cluster?.value, identity: seat.identity, membership: [], voters: seat.configured.voters)
    }

    func peerConnected(_ facts: PeerFacts) -> String? {
        seat.peerConnected(facts.identity)
        onInput()
        return nil
    }

    func peerDisconnected(_ replica: ReplicaID) {
        seat.peerDisconnected(replica)
        onInput()
    }

    func peerReceived(_ body: RawSpan, from identity: ReplicaIdentity) throws(PeerWireError) {
        try seat.peerReceived(body, from: identity)
    }

    func peerReadComplete() { onInput() }
}

extension ClusterPeers: PeerCarrier {
    func send(_ body: RawSpan, to replica: ReplicaID) { transport?.send(body, to: replica) }

    func sendUnhurried(_ body: RawSpan, to replica: ReplicaID) { transport?.sendUnhurried(body, to: replica) }

    func sendLater(_ body: RawSpan, to replica: ReplicaID) { transport?.sendLater(body, to: replica) }

    func flush() {
        transport?.flush()
        seat.logNotices()
    }

    func disconnect(_ replica: ReplicaID, reason: String) { transport?.disconnect(replica, reason: reason) }
}
