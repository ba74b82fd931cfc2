package import Consensus
package import CoreTypes
package import Logging
import NIOCore
import NIOPosix
package import PeerTransport
import Synchronization

/// The way of one replica to others over the network, on an event loop of its own.
///
/// Threads: any, but `start` and `stop` block, and are for a thread that may.
package final class NetworkRoute: PeerRoute {
    /// Where the others are, and how they are known.
    package struct Places: Sendable {
        package var listen: PeerAddress
        package var peers: [ReplicaID: PeerAddress]
        package var voters: [ReplicaID]
        package var secret: [UInt8]?

        package init(listen: PeerAddress, peers: [ReplicaID: PeerAddress], voters: [ReplicaID], secret: [UInt8]?) {
            self.listen = listen
            self.peers = peers
            self.voters = voters
            self.secret = secret
        }
    }

    private struct Outbox {
        var mail = OutgoingMail()
        /// The loop was asked to send, and did not yet.
        var isAnnounced = false
        /// Peers for whom there was no room.
        var overfull: [ReplicaID] = []
        var station: NIOLoopBound<NetworkStation>?
    }

    private let places: Places
    private let logger: Logger
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let outbox = Mutex(Outbox())

    package init(_ places: Places, logger: Logger) {
        self.places = places
        self.logger = logger
    }

    package func start(_ port: PeerPort, as identity: ReplicaIdentity, cluster: ClusterID?) throws {
        let loop = group.next()
        let facts = PeerFacts(
            cluster: cluster?.value, identity: identity, membership: [], voters: places.voters)
        do {
            let station = try loop.flatSubmit { [places, logger] () -> EventLoopFuture<NIOLoopBound<NetworkStation>> in
                let station = NetworkStation(port, facts: facts)
                let bound = NIOLoopBound(station, eventLoop: loop)
                return station.start(places, on: loop, logger: logger).map { bound }
            }.wait()
            outbox.withLock { $0.station = station }
        } catch {
            stop()
            throw error
        }
    }

    package func founded(_ cluster: ClusterID) { onStation { $0.facts.cluster = cluster.value } }

    package func carry(_ mail: OutgoingMail) {
        let isFirst = outbox.withLock { outbox in
            if outbox.mail.bytes.count < Limits.peerMailByteCountMax {
                outbox.mail.append(mail)
            } else {
                for item in mail.items where !outbox.overfull.contains(item.replica) {
                    outbox.overfull.append(item.replica)
                }
            }
            defer { outbox.isAnnounced = true }
            return !outbox.isAnnounced
        }
        if isFirst { onStation { [self] station in send(from: station) } }
    }

    private func send(from station: NetworkStation) {
        let (mail, overfull) = outbox.withLock { outbox in
            defer {
                outbox.mail = OutgoingMail()
                outbox.overfull = []
                outbox.isAnnounced = false
            }
            return (outbox.mail, outbox.overfull)
        }
        station.send(mail)
        for replica in overfull { station.disconnect(replica, reason: "more waits to be sent than there is room for") }
    }

    package func disconnect(_ replica: ReplicaID, connection: UInt64, reason: String) {
        onStation { $0.disconnect(replica, connection: connection, reason: reason) }
    }

    package func portHasRoom() {}

    package func stop() {
        let station = outbox.withLock { $0.station.take() }
        if let station { try? group.next().flatSubmit { station.value.stop() }.wait() }
        try? group.syncShutdownGracefully()
    }

    private func onStation(_ body: @escaping @Sendable (NetworkStation) -> Void) {
        guard let station = outbox.withLock({ $0.station }) else { return }
        group.next().execute { body(station.value) }
    }
}
