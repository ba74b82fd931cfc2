import Clustering
import Consensus
import CoreTypes
import Logging
import PeerWire
import ReplicaEngine
import Testing

/// Seats whose engines are not opened: what they are opened with is kept.
private final class SeatStation {
    struct NotOpened: Error {}

    let port: PeerPort
    let seat: ClusterSeat
    private(set) var founding: ReplicationOptions.Founding?
    private(set) var outcome: Result<ReplicaEngine, any Error>?
    private let opening: Opening

    private final class Opening {
        var founding: ReplicationOptions.Founding?
    }

    init(_ number: UInt8, of count: UInt8, in hub: InProcessHub) throws {
        let opening = Opening()
        self.opening = opening
        let configured = try #require(
            ConfiguredMembers(voters: (1...count).map { ReplicaID(rawValue: $0) }, observers: []))
        let identity = ReplicaIdentity(
            replica: ReplicaID(rawValue: number), incarnation: Incarnation(Identifier128(high: 0, low: UInt64(number))))
        seat = try ClusterSeat(
            configured: configured, state: .unfounded(identity), logger: Logger(label: "test")
        ) { options in
            opening.founding = options.founding
            throw NotOpened()
        }
        port = PeerPort(InProcessRoute(hub, replica: identity.replica)) {}
    }

    func start() throws {
        let isToConnect = seat.prepare(port) { [unowned self] in outcome = $0 }
        #expect(isToConnect)
        try port.start(for: seat)
        seat.begin()
    }

    func step() {
        port.deliver(to: seat)
        founding = opening.founding
    }
}

@Suite("Seats of a cluster, joined in memory")
struct ClusterSeatTests {
    private func stations(_ count: UInt8, _ hub: InProcessHub) throws -> [SeatStation] {
        try (1...count).map { try SeatStation($0, of: count, in: hub) }
    }

    @Test("a first start waits for every voter, and then the lowest founds")
    func founding() throws {
        let hub = InProcessHub()
        let stations = try stations(3, hub)
        for station in stations.prefix(2) { try station.start() }
        for _ in 0..<4 { for station in stations.prefix(2) { station.step() } }
        #expect(stations[0].seat.missingVoters == [ReplicaID(rawValue: 3)])
        #expect(stations[0].seat.isQuorumConnected)
        #expect(stations.allSatisfy { $0.founding == nil })
        try stations[2].start()
        for _ in 0..<4 { for station in stations { station.step() } }
        let founding = try #require(stations[0].founding)
        #expect(founding.membership.members.count == 3)
        #expect(founding.incarnation == stations[0].seat.identity.incarnation)
        #expect(stations[0].outcome != nil, "told that it could not be opened")
        #expect(stations[0].seat.cluster == nil, "nothing is durable")
        for station in stations { station.port.stop() }
    }

    @Test("who is isolated is disconnected, and connected again when it rejoins")
    func isolation() throws {
        let hub = InProcessHub()
        let stations = try stations(3, hub)
        hub.isolate(ReplicaID(rawValue: 1))
        for station in stations { try station.start() }
        func connected() -> [[UInt8]] {
            for station in stations { station.step() }
            return stations.map { $0.seat.connectedReplicas.map(\.rawValue) }
        }
        #expect(connected() == [[], [3], [2]])
        #expect(!stations[0].seat.isQuorumConnected)
        hub.rejoin(ReplicaID(rawValue: 1))
        #expect(connected() == [[2, 3], [1, 3], [1, 2]])
        stations[2].port.stop()
        #expect(connected().prefix(2) == [[2], [1]])
        #expect(throws: InProcessRoute.Taken.self) { try SeatStation(1, of: 3, in: hub).start() }
        for station in stations.prefix(2) { station.port.stop() }
    }

    @Test("a peer that is sent more than it takes in is disconnected until it has room")
    func overflow() throws {
        let hub = InProcessHub()
        let stations = try stations(2, hub)
        for station in stations { try station.start() }
        for station in stations { station.step() }
        let message = ByteBuilder()
        let payload = [UInt8](repeating: 1, count: 1_000_000)
        PeerWire.append(.touches(count: 125_000), payload: payload.span.bytes, to: message)
        let (first, second) = (stations[0], stations[1])
        let peer = second.seat.identity.replica
        var sentCount = 0
        while first.seat.connectedReplicas == [peer], sentCount < 200 {
            let body = message.bytes
            first.port.send(body, to: peer)
            first.port.flush()
            first.step()
            sentCount += 1
        }
        #expect((67...70).contains(sentCount), "64 MiB of a million bytes each")
        #expect(first.seat.connectedReplicas.isEmpty)
        first.step()
        #expect(first.seat.connectedReplicas.isEmpty, "it would be too early")
        second.step()
        first.step()
        second.step()
        #expect(first.seat.connectedReplicas == [peer])
        #expect(second.seat.connectedReplicas == [first.seat.identity.replica])
        for station in stations { station.port.stop() }
    }

    @Test("what is sent over a connection that is over does not leave on the next one")
    func laterConnection() throws {
        let hub = InProcessHub()
        let stations = try stations(2, hub)
        for station in stations { try station.start() }
        for station in stations { station.step() }
        let (first, second) = (stations[0], stations[1])
        // Both know nothing of the new connection yet.
        hub.isolate(ReplicaID(rawValue: 2))
        hub.rejoin(ReplicaID(rawValue: 2))
        let garbage = ByteBuilder()
        let noFacts: [UInt8] = [255, 255]
        PeerWire.append(.formation, payload: noFacts.span.bytes, to: garbage)
        func sendGarbage() {
            first.port.send(garbage.bytes, to: second.seat.identity.replica)
            first.port.flush()
        }
        sendGarbage()
        second.step()
        first.step()
        // It would have been disconnected for what it sent.
        #expect(second.seat.connectedReplicas == [first.seat.identity.replica])
        #expect(first.seat.connectedReplicas == [second.seat.identity.replica])
        sendGarbage()
        second.step()
        second.step()
        #expect(second.seat.connectedReplicas.isEmpty)
        for station in stations { station.port.stop() }
    }
}
