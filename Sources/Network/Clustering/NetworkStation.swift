import Consensus
import CoreTypes
import Logging
import NIOCore
import PeerTransport
import PeerWire

/// The event loop's end of a network route.
///
/// Thread: confined to its event loop.
final class NetworkStation {
    /// What peers are told of this replica.
    var facts: PeerFacts
    private let port: PeerPort
    private var transport: PeerTransport?
    /// The number of the connection with each replica; 0 for none.
    private var connections = [UInt64](repeating: 0, count: 256)
    private var connectionCount: UInt64 = 0
    /// The connection with each replica that is to end because the port was full.
    private var endings = [UInt64](repeating: 0, count: 256)

    init(_ port: PeerPort, facts: PeerFacts) {
        self.port = port
        self.facts = facts
    }

    func start(_ places: NetworkRoute.Places, on eventLoop: any EventLoop, logger: Logger) -> EventLoopFuture<Void> {
        let transport = PeerTransport(
            eventLoop: eventLoop, ownReplica: facts.identity.replica, listenAddress: places.listen,
            peers: places.peers, secret: places.secret, logger: logger, delegate: self)
        self.transport = transport
        return transport.start()
    }

    func send(_ mail: OutgoingMail) {
        guard let transport else { return }
        for item in mail.items where connections[Int(item.replica.rawValue)] == item.connection {
            transport.send(mail.bytes.span.bytes.extracting(item.place), to: item.replica)
        }
        transport.flush()
    }

    /// - Parameter connection: the one that is meant; 0 for any.
    func disconnect(_ replica: ReplicaID, connection: UInt64 = 0, reason: String) {
        guard connection == 0 || connections[Int(replica.rawValue)] == connection else { return }
        transport?.disconnect(replica, reason: reason)
    }

    func stop() -> EventLoopFuture<Void> {
        guard let transport else { invariantBroken("a station that was not started", #fileID, #line) }
        self.transport = nil
        return transport.stop()
    }
}

extension NetworkStation: PeerTransportDelegate {
    func ownFacts() -> PeerFacts { facts }

    func peerConnected(_ facts: PeerFacts) -> String? {
        connectionCount += 1
        connections[Int(facts.identity.replica.rawValue)] = connectionCount
        port.connected(facts.identity, connection: connectionCount)
        port.announce()
        return nil
    }

    func peerDisconnected(_ replica: ReplicaID) {
        connections[Int(replica.rawValue)] = 0
        port.disconnected(replica)
        port.announce()
    }

    func peerReceived(_ body: RawSpan, from identity: ReplicaIdentity) throws(PeerWireError) {
        let place = Int(identity.replica.rawValue)
        // What follows a message that was left out is left out, too: until the end of a connection nothing is missing.
        guard endings[place] != connections[place] else { return }
        guard !port.received(body, from: identity) else { return }
        endings[place] = connections[place]
        transport?.disconnect(identity.replica, reason: "more comes in than is taken")
        port.announce()
    }

    func peerReadComplete() { port.announce() }
}
