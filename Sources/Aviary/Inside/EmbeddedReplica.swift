internal import Clustering
internal import Consensus
internal import CoreTypes
internal import Logging
internal import PeerTransport
internal import PosixIO
internal import ReplicaEngine

/// A store's part in its cluster: its seat, and the port that the messages of its peers come through.
///
/// Thread: that of the opening until the engine is open, then whoever has the driver's role.
final class EmbeddedReplica {
    let seat: ClusterSeat
    private let port: PeerPort
    private let configuration: ClusterConfiguration
    private let wake: EngineWake
    private var opened: Result<ReplicaEngine, any Error>?

    /// The longest sleep while the cluster forms; whatever comes wakes it.
    private static let sleepMilliseconds: UInt64 = 250

    /// - Parameter configuration: checked.
    /// - Throws: why the directory cannot be that of a replica.
    init(
        _ configuration: ClusterConfiguration, directory: String, options: EngineOptions, wake: EngineWake
    ) throws(AviaryError) {
        self.configuration = configuration
        self.wake = wake
        let configured = try configuration.configuredMembers()
        var options = options
        options.replica = configuration.ownID
        let logger = configuration.logger ?? Logger(label: "aviary", factory: { _ in SwiftLogNoOpLogHandler() })
        do throws(EngineError) {
            let state = try DataDirectory.prepareMember(
                configuration.ownID, directory: directory, logDirectory: options.logDirectory)
            seat = try ClusterSeat(configured: configured, state: state, logger: logger) { [options] replication in
                var options = options
                options.cluster = replication
                return try ReplicaEngine.open(directory: directory, options: options) { wake.raise() }
            }
        } catch {
            throw AviaryError(error)
        }
        port = PeerPort(configuration.route(logger)) { wake.raise() }
    }

    /// Finds the others, and forms the cluster with them if it is the first start. Blocks.
    ///
    /// - Throws: why that cannot be, or `notReady` when it is not done by the deadline; nothing is open then.
    func form(until deadline: Tick) throws(AviaryError) -> ReplicaEngine {
        do throws(AviaryError) {
            try begin()
            while opened == nil {
                let now = MonotonicClock.tick
                guard now < deadline else { throw Self.notReady(configuration, seat, nil) }
                _ = wake.wait(nanoseconds: min(deadline.rawValue - now.rawValue, Self.sleepMilliseconds) * 1_000_000)
                port.deliver(to: seat)
            }
            return try openedEngine()
        } catch {
            port.stop()
            if case .success(let engine) = opened { try? engine.close() }
            throw error
        }
    }

    private func begin() throws(AviaryError) {
        guard seat.prepare(port, onOpened: { [unowned self] in opened = $0 }) else { return }
        do {
            try port.start(for: seat)
        } catch is InProcessRoute.Taken {
            throw AviaryError(
                .badArguments,
                "replica \(configuration.replica) is in this network already: give each store a number of its own")
        } catch let error as PeerTransportError {
            throw AviaryError(.badArguments, "\(error)")
        } catch {
            throw AviaryError(
                .system,
                "replica \(configuration.names(of: [configuration.ownID])) cannot listen for its peers: \(error)")
        }
        seat.begin()
    }

    private func openedEngine() throws(AviaryError) -> ReplicaEngine {
        switch opened {
        case .success(let engine): return engine
        case .failure(let error as EngineError): throw AviaryError(error)
        case .failure(let error): throw AviaryError(.system, "\(error)")
        case nil: throw Self.notReady(configuration, seat, nil)
        }
    }

    // MARK: With the driver's role

    /// Takes in what peers sent since the last call.
    func takeMail() { port.deliver(to: seat) }

    /// Leaves the others. Blocks.
    func stop() { port.stop() }

    /// What is missing for a replica to serve.
    static func notReady(
        _ configuration: ClusterConfiguration, _ seat: ClusterSeat, _ engine: ReplicaEngine?
    ) -> AviaryError {
        let time = "after \(configuration.openTimeoutMilliseconds) ms"
        var text: String
        if let engine {
            let missing = seat.configured.voters.filter { $0 != seat.identity.replica }
                .filter { !seat.connectedReplicas.contains($0) }
            text =
                ClusterStatus(engine, seat).leader.map {
                    "\(time) replica \($0) leads, and this one has not caught up with it"
                } ?? "\(time) nobody leads: more than half of the voters are needed"
            if !missing.isEmpty { text += "; not connected: \(configuration.names(of: missing))" }
        } else {
            text = "\(time) the cluster is not formed: its first start needs all voters"
            if !seat.missingVoters.isEmpty { text += "; missing: \(configuration.names(of: seat.missingVoters))" }
        }
        if let trouble = seat.trouble { text += "; \(trouble)" }
        return AviaryError(.notReady, text)
    }
}

extension ClusterConfiguration {
    fileprivate func route(_ logger: Logger) -> any PeerRoute {
        switch transport {
        case .inProcess(let network): return InProcessRoute(network.hub, replica: ownID)
        case .network:
            let own = members.first { $0.id == ownID }?.address ?? PeerAddress(host: "127.0.0.1", port: 0)
            var peers: [ReplicaID: PeerAddress] = [:]
            for member in members where member.id != ownID { peers[member.id] = member.address }
            let places = NetworkRoute.Places(
                listen: own, peers: peers, voters: members.filter { !$0.isObserver }.map(\.id).sorted(),
                secret: secret?.bytes)
            return NetworkRoute(places, logger: logger)
        }
    }
}
