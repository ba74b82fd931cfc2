package import Consensus
package import CoreTypes
package import Logging
package import PeerWire
package import ReplicaEngine
import ZooKeeperWire

/// A replica's part in its cluster, beside the engine: forms the cluster at a first start, then hands the messages of
/// the peers to the engine. Whatever carries the messages tells it who connects, who goes and what comes in.
///
/// Thread: confined to the one that drives the engine.
package final class ClusterSeat {
    /// Who this directory is.
    package let identity: ReplicaIdentity
    /// The members that the configuration names.
    package let configured: ConfiguredMembers
    private let logger: Logger
    private let openEngine: (ReplicationOptions) throws -> ReplicaEngine
    private var formation: Formation
    private weak var carrier: (any PeerCarrier)?
    private var engine: ReplicaEngine?
    /// Who is connected, by rising number.
    private var connected: [ReplicaIdentity] = []
    /// Told of the engine, once; nil afterwards.
    private var onOpened: ((Result<ReplicaEngine, any Error>) -> Void)?
    /// What last kept the replica from a peer, or from its cluster; nil if nothing did.
    package private(set) var trouble: String?

    /// - Parameters:
    ///   - configured: this replica is among them.
    ///   - state: what the data directory says; see `DataDirectory.prepareMember`.
    ///   - isInitializing: an operator vouches that there was no cluster before.
    ///   - openEngine: called once, when it is known what cluster the replica belongs to.
    package init(
        configured: ConfiguredMembers, state: DirectoryState, isInitializing: Bool = false, logger: Logger,
        openEngine: @escaping (ReplicationOptions) throws -> ReplicaEngine
    ) throws(EngineError) {
        self.configured = configured
        self.logger = logger
        self.openEngine = openEngine
        identity = state.identity
        var random = SystemRandomNumberGenerator()
        formation = Formation(
            own: identity, configured: configured, founding: try Self.founding(state),
            drawn: ClusterID(Identifier128(using: &random)), isInitializing: isInitializing)
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

    // MARK: State

    /// The cluster, once it is durable here that this replica is of it.
    package var cluster: ClusterID? { formation.founding?.cluster }

    /// The voters that a first start still waits for; empty once there is nothing to wait for.
    package var missingVoters: [ReplicaID] { formation.missingVoters }

    /// The peers that are connected now, by rising number.
    package var connectedReplicas: [ReplicaID] { connected.map(\.replica) }

    /// Whether so many voters are connected, this one counted if it is one, that something can be decided.
    package var isQuorumConnected: Bool {
        let reached = configured.voters.count { voter in
            voter == identity.replica || connected.contains { $0.replica == voter }
        }
        return reached * 2 > configured.voters.count
    }

    // MARK: Life

    /// Opens the engine, if the directory belongs to a cluster already. The first call of all.
    ///
    /// - Parameters:
    ///   - carrier: kept weakly.
    ///   - onOpened: called once, from inside this call or a later one: with the engine when the cluster is formed, or
    ///     with why that can never be.
    /// - Returns: whether peers are to be looked for.
    package func prepare(
        _ carrier: any PeerCarrier, onOpened: @escaping (Result<ReplicaEngine, any Error>) -> Void
    ) -> Bool {
        self.carrier = carrier
        self.onOpened = onOpened
        if let refusal = formation.ownRefusal {
            refuse(refusal)
            return false
        }
        guard let record = formation.founding else { return true }
        open(record)
        return engine != nil
    }

    /// Peers can be reached from now on, and reach this one.
    package func begin() {
        perform { formation, effects in formation.start(into: &effects) }
        sayWhoIsMissing()
    }

    /// Peers can never be reached.
    package func fail(_ error: any Error) {
        guard let onOpened else { return logger.error("\(error)") }
        self.onOpened = nil
        onOpened(.failure(error))
    }

    // MARK: What the carrier tells

    /// A peer has proved who it is. An earlier connection to it is over.
    package func peerConnected(_ peer: ReplicaIdentity) {
        connected.removeAll { $0.replica == peer.replica }
        connected.append(peer)
        connected.sort { $0.replica < $1.replica }
        perform { formation, effects in formation.connected(peer, into: &effects) }
        engine?.peerConnected(peer.replica)
    }

    /// The connection with a peer is gone.
    package func peerDisconnected(_ replica: ReplicaID) {
        connected.removeAll { $0.replica == replica }
        formation.disconnected(replica)
        engine?.peerDisconnected(replica)
    }

    /// One message of a peer that is connected.
    ///
    /// - Throws: when it is malformed; the connection is to be closed.
    package func peerReceived(_ body: RawSpan, from peer: ReplicaIdentity) throws(PeerWireError) {
        guard let payload = try PeerWire.formationPayload(body) else {
            try engine?.receive(body, from: peer)
            return
        }
        guard let facts = try? FormationFacts([UInt8](copying: payload)) else {
            throw PeerWireError(.badPayload, offset: 1)
        }
        perform { formation, effects in formation.received(facts, from: peer, into: &effects) }
        sayWhoIsMissing()
    }

    // MARK: Formation

    private func perform(_ step: (inout Formation, inout [FormationEffect]) -> Void) {
        var effects: [FormationEffect] = []
        step(&formation, &effects)
        for effect in effects { perform(effect) }
        carrier?.flush()
    }

    private func perform(_ effect: FormationEffect) {
        switch effect {
        case .send(let facts, let replica):
            let body = ByteBuilder()
            let bytes = facts.bytes
            PeerWire.append(.formation, payload: bytes.span.bytes, to: body)
            carrier?.send(body.bytes, to: replica)
        case .found(let record):
            logger.info("founding cluster \(record.cluster.value)")
            join(record)
        case .adopt(let record):
            logger.info("joining cluster \(record.cluster.value)")
            join(record)
        case .mustBeReadmitted(let record):
            join(record)
        case .refuse(let refusal): refuse(refusal)
        }
    }

    private func join(_ record: FoundingRecord) {
        open(record)
        if engine != nil { perform { formation, effects in formation.recordIsDurable(into: &effects) } }
    }

    private func refuse(_ refusal: FormationRefusal) {
        if refusal.isFatal { return fail(EngineError(.directoryNotUsable, "\(refusal)")) }
        trouble = "\(refusal)"
        logger.warning("\(refusal)")
        if let peer = refusal.peer { carrier?.disconnect(peer, reason: "\(refusal)") }
    }

    /// Opens the engine; what the record says is durable when this returns, or the start has failed.
    private func open(_ record: FoundingRecord) {
        let founding = ReplicationOptions.Founding(
            cluster: record.cluster, incarnation: identity.incarnation, membership: record.membership)
        do {
            let engine = try openEngine(ReplicationOptions(founding: founding))
            if !engine.isVoting, !record.contains(identity) { sayThatItMustBeReadmitted(record) }
            if let carrier { engine.connect(carrier) }
            for peer in connected { engine.peerConnected(peer.replica) }
            self.engine = engine
            trouble = nil
            onOpened?(.success(engine))
            onOpened = nil
        } catch {
            fail(error)
        }
    }

    /// Observers have no vote to wait for.
    private func sayThatItMustBeReadmitted(_ record: FoundingRecord) {
        guard record.voters.contains(identity.replica) else { return }
        logger.warning(
            """
            cluster \(record.cluster.value) knows this replica by a directory that is gone: as incarnation \
            \(identity.incarnation.value) it learns what was chosen, and does not vote until it is readmitted
            """)
    }

    /// Logs what the engine has to say of the membership; to be called at the end of a turn.
    package func logNotices() {
        guard let engine else { return }
        for notice in engine.takeNotices() { logger.notice("\(notice)") }
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
