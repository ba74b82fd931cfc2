import Aviary
import TestSupport
import Testing

/// The same over sockets.
@Suite("Embedded cluster over the network", .serialized, .timeLimit(.minutes(5)))
struct ClusterNetworkTests {
    private func configurations(_ ports: [Int], _ secret: ClusterConfiguration.Secret?) -> [ClusterConfiguration] {
        let members = ports.enumerated().map { index, port in
            ClusterConfiguration.Member(number: index + 1, host: "127.0.0.1", peerPort: port)
        }
        return members.map { ClusterConfiguration(replica: $0.number, members: members, secret: secret) }
    }

    @Test("stores that share a secret form a cluster, survive their leader, and take it back")
    func overSockets() async throws {
        let secret = ClusterConfiguration.Secret([UInt8](repeating: 7, count: 16))
        try await withScratchDirectory { directory in
            let (stores, cluster) = try await FreePorts.run(3) { ports in
                let cluster = configurations(ports, secret)
                let places = cluster.map { ("\(directory)/\($0.replica)-\(ports[0])", $0) }
                return (try await StoreCluster.openAll(places), places)
            }
            for (index, store) in stores.enumerated() { try await store.create("/\(index)") }
            for store in stores {
                try await store.sync()
                #expect(try store.children(of: "/").names.count { ["0", "1", "2"].contains($0) } == 3)
            }
            let leader = try await StoreCluster.leader(asked: stores[0])
            let others = stores.enumerated().filter { $0.offset != leader - 1 }.map(\.element)
            let deleted = try await others[1].watch("/mine", .node)
            try await stores[leader - 1].create("/mine", mode: .ephemeral)
            try await stores[leader - 1].close()
            for number in 0..<20 { try await others[number % 2].create("/after-\(number)") }
            for try await event in deleted where event.kind == .deleted { break }
            let place = cluster[leader - 1]
            let again = try await MetadataStore.open(place.0, cluster: place.1)
            #expect(try again.exists("/after-19") != nil)
            #expect(try again.exists("/mine") == nil)
            await StoreCluster.closeAll([again] + others)
        }
    }

    @Test("a replica with another secret does not get in, and a port that is taken is named")
    func refused() async throws {
        try await withScratchDirectory { directory in
            try await FreePorts.run(2) { ports in
                var first = configurations(ports, .init([UInt8](repeating: 1, count: 16)))[0]
                var second = configurations(ports, .init([UInt8](repeating: 2, count: 16)))[1]
                first.openTimeoutMilliseconds = 300
                second.openTimeoutMilliseconds = 300
                let places = [("\(directory)/1", first), ("\(directory)/2", second)]
                do {
                    await StoreCluster.closeAll(try await StoreCluster.openAll(places))
                    Issue.record("a cluster was formed of replicas that share no secret")
                } catch let error as AviaryError where !error.message.contains("cannot listen") {
                    #expect(error.code == .notReady, "\(error)")
                }
            }
            // Whoever opens last finds the place taken, with the other one waiting for it.
            let (network, opened) = try await FreePorts.run(2) { ports in
                let cluster = configurations(ports, nil)
                let places = [("\(directory)/3", cluster[0]), ("\(directory)/4", cluster[1])]
                return (cluster[0], try await StoreCluster.openAll(places))
            }
            do throws(AviaryError) {
                _ = try await MetadataStore.open("\(directory)/5", cluster: network)
                Issue.record("a port was listened on twice")
            } catch {
                #expect(error.code == .system && error.message.contains("\(network.members[0].peerPort)"), "\(error)")
            }
            await StoreCluster.closeAll(opened)
        }
    }
}
