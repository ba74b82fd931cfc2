import Aviary
import TestSupport
import Testing

/// Stores that are the replicas of one cluster.
@Suite("Embedded cluster", .serialized, .timeLimit(.minutes(5)))
struct ClusterTests {
    @Test("a write at any replica is read at all after a sync")
    func writesEverywhere() async throws {
        try await StoreCluster.run { _, stores in
            try await stores[0].create("/all")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, store) in stores.enumerated() {
                    group.addTask {
                        try await store.sync()
                        for number in 0..<40 {
                            let made = try await store.create("/all/\(index)-\(number)", [UInt8(number)])
                            // One's own writes are seen without a sync.
                            #expect(try store.get(made.path).data == [UInt8(number)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            for store in stores {
                try await store.sync()
                #expect(try store.children(of: "/all").children.count == 120)
            }
            let statuses = try await statuses(of: stores)
            #expect(statuses.map(\.replica) == [1, 2, 3])
            #expect(statuses.count { $0.role == .leader } == 1)
            #expect(Set(statuses.map(\.leader)).count == 1)
            for status in statuses { #expect(status.connectedReplicas == [1, 2, 3].filter { $0 != status.replica }) }
        }
    }

    private func statuses(of stores: [MetadataStore]) async throws -> [ClusterStatus] {
        var statuses: [ClusterStatus] = []
        for store in stores { statuses.append(try #require(try await store.status().cluster)) }
        return statuses
    }

    @Test("when the leader is closed the writes of the others go on, each done exactly once")
    func leaderCloses() async throws {
        try await StoreCluster.run { cluster, stores in
            let leader = try await StoreCluster.leader(asked: stores[0])
            let others = stores.enumerated().filter { $0.offset != leader - 1 }.map(\.element)
            try await others[0].create("/n")
            try await others[1].sync()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, store) in others.enumerated() {
                    group.addTask {
                        try await store.create("/n/\(index)")
                        for number in 1...150 {
                            let stat = try await store.set("/n/\(index)", [UInt8(truncatingIfNeeded: number)])
                            #expect(stat.version == Int32(number), "a write was done twice, or not at all")
                        }
                    }
                }
                group.addTask {
                    while try others[0].exists("/n/0")?.version ?? 0 < 20 { await Task.yield() }
                    try await stores[leader - 1].close()
                }
                try await group.waitForAll()
            }
            let next = try await StoreCluster.leader(asked: others[0])
            #expect(next != leader)
            let again = try await cluster.open(leader)
            for index in 0..<2 { #expect(try again.get("/n/\(index)").stat.version == 150) }
            try await again.close()
        }
    }

    @Test("a replica that is opened again has caught up when it is open")
    func catchesUp() async throws {
        try await StoreCluster.run { cluster, stores in
            try await stores[2].create("/before", [1])
            try await stores[2].close()
            try await stores[0].create("/after")
            for number in 0..<50 { try await stores[number % 2].create("/after/\(number)") }
            let again = try await cluster.open(3)
            #expect(try again.get("/before").data == [1])
            #expect(try again.children(of: "/after").children.count == 50)
            try await again.create("/after/again")
            try await stores[1].sync()
            #expect(try stores[1].exists("/after/again") != nil)
            try await again.close()
        }
    }

    /// Nobody waits for a timeout, which would be longer than this test may take.
    @Test("ephemerals go for all when their session or their store is closed")
    func ephemerals() async throws {
        try await StoreCluster.run(sessionTimeoutMilliseconds: 600_000) { _, stores in
            let session = try await stores[0].openSession(timeoutMilliseconds: 600_000)
            try await session.create("/of-session")
            try await stores[0].create("/of-store", mode: .ephemeral)
            let another = try await stores[0].openSession(timeoutMilliseconds: 600_000)
            try await another.create("/of-another")
            try await stores[1].sync()
            #expect(try stores[1].get("/of-session").stat.ephemeralOwner == session.id)
            try await session.close()
            try await stores[1].sync()
            #expect(try stores[1].exists("/of-session") == nil)
            let ends = [
                try await stores[1].watch("/of-store", .nextChange),
                try await stores[2].watch("/of-another", .nextChange),
            ]
            try await stores[0].close()
            for events in ends {
                for try await event in events { #expect(event.kind == .deleted) }
            }
            try await stores[2].sync()
            #expect(try stores[2].exists("/of-store") == nil)
        }
    }

    @Test("a watch tells of what other replicas do, in order")
    func watches() async throws {
        try await StoreCluster.run { _, stores in
            let changes = try await stores[2].watch("/w", .subtree)
            try await stores[0].create("/w")
            try await stores[0].create("/w/x")
            try await stores[1].sync()
            try await stores[1].set("/w/x", [1])
            try await stores[1].delete("/w/x")
            var seen: [String] = []
            for try await event in changes {
                seen.append("\(event.kind) \(event.path)")
                if seen.count == 4 { break }
            }
            #expect(seen == ["created /w", "created /w/x", "dataChanged /w/x", "deleted /w/x"])
        }
    }

    @Test("a store that was cut off loses its ephemerals, as a killed one does, and goes on when it is back")
    func cutOff() async throws {
        try await StoreCluster.run(sessionTimeoutMilliseconds: 1_000) { cluster, stores in
            let session = try await stores[0].openSession(timeoutMilliseconds: 1_000)
            try await session.create("/of-session")
            let first = try await stores[0].create("/of-store", mode: .ephemeral)
            try await stores[1].sync()
            let ends = [
                try await stores[1].watch("/of-session", .nextChange),
                try await stores[1].watch("/of-store", .nextChange),
            ]
            cluster.network.isolate(1)
            for events in ends {
                for try await event in events { #expect(event.kind == .deleted) }
            }
            try await stores[1].create("/meanwhile")
            #expect(try stores[0].exists("/meanwhile") == nil)
            #expect(try stores[0].exists("/of-store") != nil, "it cannot know")
            cluster.network.rejoin(1)
            try await stores[0].sync()
            #expect(try stores[0].exists("/meanwhile") != nil)
            #expect(try stores[0].exists("/of-store") == nil)
            let second = try await stores[0].create("/of-store", mode: .ephemeral)
            #expect(second.stat.ephemeralOwner != first.stat.ephemeralOwner)
            do throws(AviaryError) {
                try await session.create("/late")
                Issue.record("a session that is over took a write")
            } catch {
                #expect(error.code == .sessionExpired)
            }
        }
    }

    @Test("a write that waits in a store that is cut off is done once when it is back, or not at all and says so")
    func waitingWrite() async throws {
        try await StoreCluster.run(sessionTimeoutMilliseconds: 1_000) { cluster, stores in
            try await stores[0].create("/short")
            try await stores[1].sync()
            // For less than the timeout: it waits, and is done.
            cluster.network.isolate(1)
            async let short = stores[0].set("/short", [1])
            cluster.network.rejoin(1)
            #expect(try await short.version == 1)
            // For more: it was not done.
            try await stores[0].create("/mark", mode: .ephemeral)
            try await stores[1].sync()
            let end = try await stores[1].watch("/mark", .nextChange)
            cluster.network.isolate(1)
            async let long = stores[0].set("/short", [2])
            for try await event in end { #expect(event.kind == .deleted) }
            cluster.network.rejoin(1)
            do {
                // It may have come after the store knew of its session's end, and then it was done in the next one.
                #expect(try await long.version == 2)
            } catch let error as AviaryError {
                #expect(error.code == .sessionExpired)
                try await stores[1].sync()
                #expect(try stores[1].get("/short").stat.version == 1)
                try await stores[0].set("/short", [3])
            }
            try await stores[2].sync()
            #expect(try stores[2].get("/short").stat.version == 2)
        }
    }

    @Test("whoever writes while all stores are closed one after the other gets an answer")
    func closedUnderLoad() async throws {
        try await StoreCluster.run { cluster, stores in
            try await stores[0].create("/w")
            for store in stores { try await store.sync() }
            let made = try await withThrowingTaskGroup(of: [String].self) { group in
                for (index, store) in stores.enumerated() {
                    for writer in 0..<4 {
                        group.addTask {
                            var made: [String] = []
                            while true {
                                do {
                                    made.append(try await store.create("/w/\(index)-\(writer)-\(made.count)").path)
                                } catch let error as AviaryError {
                                    #expect(error.code == .closed, "\(error)")
                                    return made
                                }
                            }
                        }
                    }
                }
                while try stores[1].get("/w").stat.childCount < 60 { await Task.yield() }
                for store in stores { try await store.close() }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let again = try await StoreCluster.openAll(
                (1...3).map { (cluster.directory($0), cluster.configuration($0)) })
            for store in again {
                try await store.sync()
                for path in made { #expect(try store.exists(path) != nil, "\(path)") }
            }
            await StoreCluster.closeAll(again)
        }
    }
}
