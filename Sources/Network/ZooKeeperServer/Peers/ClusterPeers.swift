import Consensus
import CoreTypes
import Logging
import NIOCore
import PeerTransport
import PeerWire
import ReplicaEngine
import ZooKeeperWire

/// A replica's part in its cluster, beside the engine: forms the cluster at a first start, then carries the engine's
/// messages to its peers and theirs to it.
///
/// Thread: confined to the event loop that drives the engine.
final class ClusterPeers {
    private let settings: ClusterSettings
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let identity: ReplicaIdentity
    private let openEngine: (ReplicationOptions) throws -> ReplicaEngine
    private var formation: Formation
    private var transport: PeerTransport?
    private var engine: ReplicaEngine?
    /// Called when messages were taken in: the turn must end.
    private var onInput: () -> Void = {}
    /// Who is connected, by rising number.
    private var connected: [ReplicaIdentity] = []
    private let opened: EventLoopPromise<NIOLoopBound<ReplicaEngine>>
    private var isOpened = false

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
        self.openEngine = openEngine
        identity = state.identity
        guard
            let configured = ConfiguredMembers(
                voters: settings.members.filter { !$0.isObserver }.map(\.replica),
                observers: settings.members.filter(\.isObserver).map(\.replica))
        else { throw EngineError(.directoryNotUsable, "the configured servers can be no cluster") }
        var random = SystemRandomNumberGenerator()
        formation = Formation(
            own: identity, configured: configured, founding: try Self.founding(state),
            drawn: ClusterID(Identifier128(using: &random)))
        opened = eventLoop.makePromise()
    }

    private static func founding(_ state: DirectoryState) throws(EngineError) -> FoundingRecord? {
        guard case .founded(let identity) = state else { return nil }
        guard let membership = identity.foundingMembers else {
            throw EngineError(
                .directoryNotUsable,
                "the data directory is that of a server that stands alone, and the configuration names several: to grow "
                    + "from one server to several is not possible yet; give the cluster empty directories")
        }
        return FoundingRecord(cluster: identity.cluster, membership: membership)
    }

    // MARK: Life

    /// Listens for peers and looks for them.
    ///
    /// - Returns: completes when the cluster is formed and the engine is open; fails if that can never be.
    func start() -> EventLoopFuture<NIOLoopBound<ReplicaEngine>> {
        if let refusal = formation.ownRefusal {
            refuse(refusal)
            return opened.futureResult
        }
        if let record = formation.founding { open(record) }
        let transport = makeTransport()
        self.transport = transport
        transport.start().assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                self.perform { formation, effects in formation.start(into: &effects) }
                self.sayWhoIsMissing()
            case .failure(let error): self.fail(error)
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

    private func fail(_ error: any Error) {
        guard !isOpened else { return logger.error("\(error)") }
        isOpened = true
        opened.fail(error)
    }

    // MARK: Formation

    private func perform(_ step: (inout Formation, inout [FormationEffect]) -> Void) {
        var effects: [FormationEffect] = []
        step(&formation, &effects)
        for effect in effects { perform(effect) }
        transport?.flush()
    }

    private func perform(_ effect: FormationEffect) {
        switch effect {
        case .send(let facts, let replica):
            let body = ByteBuilder()
            let bytes = facts.bytes
            PeerWire.append(.formation, payload: bytes.span.bytes, to: body)
            transport?.send(body.bytes, to: replica)
        case .found(let record):
            logger.info("founding cluster \(record.cluster.value)")
            join(record)
        case .adopt(let record):
            logger.info("joining cluster \(record.cluster.value)")
            join(record)
        case .mustBeReadmitted(let record):
            logger.error(
                """
                cluster \(record.cluster.value) knows this replica by a directory that is gone; it waits to be readmitted
                """)
        case .refuse(let refusal): refuse(refusal)
        }
    }

    private func join(_ record: FoundingRecord) {
        open(record)
        if engine != nil { perform { formation, effects in formation.recordIsDurable(into: &effects) } }
    }

    private func refuse(_ refusal: FormationRefusal) {
        if refusal.isFatal { return fail(EngineError(.directoryNotUsable, "\(refusal)")) }
        logger.warning("\(refusal)")
        if let peer = refusal.peer { transport?.disconnect(peer, reason: "\(refusal)") }
    }

    /// Opens the engine; what the record says is durable when this returns, or the start has failed.
    private func open(_ record: FoundingRecord) {
        let founding = ReplicationOptions.Founding(
            cluster: record.cluster, incarnation: identity.incarnation, membership: record.membership)
        do {
            let engine = try openEngine(ReplicationOptions(founding: founding))
            engine.connect(self)
            for peer in connected { engine.peerConnected(peer.replica) }
            self.engine = engine
            isOpened = true
            opened.succeed(NIOLoopBound(engine, eventLoop: eventLoop))
        } catch {
            fail(error)
        }
    }

    private func sayWhoIsMissing() {
        let missing = formation.missingVoters
        guard !missing.isEmpty else { return }
        logger.info(
            """
            waiting for the other servers: a first start needs all of them; missing: \
            \(missing.map { "\($0.rawValue)" }.joined(separator: ", "))
            """)
    }
}

extension ClusterPeers: PeerTransportDelegate {
    func ownFacts() -> PeerFacts {
        PeerFacts(
            cluster: formation.founding?.cluster.value, identity: identity, membership: [],
            voters: settings.members.filter { !$0.isObserver }.map(\.replica))
    }

    func peerConnected(_ facts: PeerFacts) -> String? {
        let peer = facts.identity
        connected.removeAll { $0.replica == peer.replica }
        connected.append(peer)
        connected.sort { $0.replica < $1.replica }
        perform { formation, effects in formation.connected(peer, into: &effects) }
        engine?.peerConnected(peer.replica)
        onInput()
        return nil
    }

    func peerDisconnected(_ replica: ReplicaID) {
        connected.removeAll { $0.replica == replica }
        formation.disconnected(replica)
        engine?.peerDisconnected(replica)
        onInput()
    }

    func peerReceived(_ body: RawSpan, from identity: ReplicaIdentity) throws(PeerWireError) {
        guard let payload = try PeerWire.formationPayload(body) else {
            try engine?.receive(body, from: identity)
            return
        }
        guard let facts = try? FormationFacts([UInt8](copying: payload)) else {
            throw PeerWireError(.badPayload, offset: 1)
        }
        perform { formation, effects in formation.received(facts, from: identity, into: &effects) }
        sayWhoIsMissing()
    }

    func peerReadComplete() { onInput() }
}

extension ClusterPeers: PeerLink {
    func send(_ body: RawSpan, to replica: ReplicaID) { transport?.send(body, to: replica) }

    func sendUnhurried(_ body: RawSpan, to replica: ReplicaID) { transport?.sendUnhurried(body, to: replica) }

    func flush() { transport?.flush() }
}
