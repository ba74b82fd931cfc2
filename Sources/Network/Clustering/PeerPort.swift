import Consensus
package import CoreTypes
import PeerWire
import Synchronization

/// Where an embedded replica, which a thread drives, and a route to its peers meet: what comes in waits here for the
/// replica's thread, what goes out leaves at the end of its turn.
///
/// Messages of one connection arrive in order. A connection over which more comes than is taken in time is ended, and
/// made anew.
///
/// Threads: the route may call from any; everything else is for the one that has the seat.
package final class PeerPort: PeerCarrier, @unchecked Sendable {
    // Safe: the inbox is under its lock, and what is not constant else is touched by the thread of the seat alone.
    private let inbox = Mutex(PeerMail())
    private let route: any PeerRoute
    private let wake: @Sendable () -> Void
    private var taken = PeerMail()
    private var outgoing = OutgoingMail()
    /// The connection that the seat was told of, by replica; 0 for none.
    private var connections = [UInt64](repeating: 0, count: 256)
    private var cluster: ClusterID?

    /// - Parameter wake: called when the replica's thread should call `deliver`; must not block.
    package init(_ route: any PeerRoute, wake: @escaping @Sendable () -> Void) {
        self.route = route
        self.wake = wake
    }

    // MARK: The replica's thread

    /// Looks for peers, for a seat that was prepared. Blocks until they can reach this replica.
    package func start(for seat: ClusterSeat) throws {
        cluster = seat.cluster
        try route.start(self, as: seat.identity, cluster: cluster)
    }

    /// Hands what came in to the seat.
    package func deliver(to seat: ClusterSeat) {
        var mail = PeerMail()
        swap(&mail, &taken)
        inbox.withLock { swap(&$0, &mail) }
        for item in mail.items {
            switch item {
            case .connected(let peer, let connection):
                connections[Int(peer.replica.rawValue)] = connection
                seat.peerConnected(peer)
            case .disconnected(let replica):
                connections[Int(replica.rawValue)] = 0
                seat.peerDisconnected(replica)
            case .received(let peer, let place):
                receive(mail.bytes.span.bytes.extracting(place), from: peer, seat)
            }
        }
        let wasOverfull = mail.isOverfull
        mail.removeAll()
        swap(&mail, &taken)
        if wasOverfull { route.portHasRoom() }
        if cluster == nil, let founded = seat.cluster {
            cluster = founded
            route.founded(founded)
        }
    }

    private func receive(_ body: RawSpan, from peer: ReplicaIdentity, _ seat: ClusterSeat) {
        do throws(PeerWireError) {
            try seat.peerReceived(body, from: peer)
        } catch {
            disconnect(peer.replica, reason: "\(error)")
        }
    }

    package func send(_ body: RawSpan, to replica: ReplicaID) {
        let connection = connections[Int(replica.rawValue)]
        guard connection > 0 else { return }
        outgoing.append(body, to: replica, connection: connection)
    }

    package func sendUnhurried(_ body: RawSpan, to replica: ReplicaID) { send(body, to: replica) }

    package func sendLater(_ body: RawSpan, to replica: ReplicaID) { send(body, to: replica) }

    package func flush() {
        guard !outgoing.isEmpty else { return }
        route.carry(outgoing)
        outgoing.removeAll()
    }

    package func disconnect(_ replica: ReplicaID, reason: String) {
        let connection = connections[Int(replica.rawValue)]
        if connection > 0 { route.disconnect(replica, connection: connection, reason: reason) }
    }

    /// Ends all connections. Blocks until that is so.
    package func stop() { route.stop() }

    // MARK: The route

    func connected(_ peer: ReplicaIdentity, connection: UInt64) {
        inbox.withLock { $0.append(.connected(peer, connection: connection)) }
    }

    func disconnected(_ replica: ReplicaID) { inbox.withLock { $0.append(.disconnected(replica)) } }

    /// Takes a message.
    ///
    /// - Returns: false if there is no room: the connection it came on must end, and `portHasRoom` is called later.
    func received(_ body: RawSpan, from peer: ReplicaIdentity) -> Bool {
        inbox.withLock { mail in
            guard mail.bytes.count < Limits.peerMailByteCountMax else {
                mail.isOverfull = true
                return false
            }
            mail.append(body, from: peer)
            return true
        }
    }

    /// The replica's thread should look.
    func announce() { wake() }
}
