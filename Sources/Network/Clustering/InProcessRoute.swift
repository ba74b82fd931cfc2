package import Consensus
package import CoreTypes

/// The way of one replica to others of its process.
package final class InProcessRoute: PeerRoute {
    private let hub: InProcessHub
    private let replica: ReplicaID

    /// A replica of that number is in the hub already.
    package struct Taken: Error {}

    package init(_ hub: InProcessHub, replica: ReplicaID) {
        self.hub = hub
        self.replica = replica
    }

    package func start(_ port: PeerPort, as identity: ReplicaIdentity, cluster: ClusterID?) throws {
        guard hub.enter(port, as: identity) else { throw Taken() }
    }

    package func founded(_ cluster: ClusterID) {}

    package func carry(_ mail: OutgoingMail) { hub.carry(mail, from: replica) }

    package func disconnect(_ replica: ReplicaID, connection: UInt64, reason: String) {
        hub.disconnect(replica, connection: connection)
    }

    package func portHasRoom() { hub.hasRoom(replica) }

    package func stop() { hub.leave(replica) }
}
