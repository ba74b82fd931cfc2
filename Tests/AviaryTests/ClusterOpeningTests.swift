import Aviary
import TestSupport
import Testing

/// What keeps a store from being a replica, and how it is said.
@Suite("Opening an embedded cluster", .serialized, .timeLimit(.minutes(5)))
struct ClusterOpeningTests {
    private typealias Member = ClusterConfiguration.Member

    /// The error of an opening that must fail.
    private func failure(
        _ directory: String, _ cluster: ClusterConfiguration?, _ location: SourceLocation = #_sourceLocation
    ) async throws -> AviaryError {
        do throws(AviaryError) {
            let store = try await MetadataStore.open(directory, cluster: cluster)
            try await store.close()
        } catch {
            return error
        }
        Issue.record("it was opened", sourceLocation: location)
        return AviaryError(.system, "")
    }

    @Test("a configuration that cannot be is refused, and the text says why")
    func configurations() async throws {
        func local(_ numbers: Int...) -> [Member] {
            numbers.map { Member(number: $0, host: "127.0.0.1", peerPort: 20_000 + max($0, 0)) }
        }
        let away = (1...3).map { Member(number: $0, host: "10.0.0.\($0)", peerPort: 2_888) }
        let observers = (1...2).map { Member(number: $0, host: "::1", peerPort: 20_000 + $0, isObserver: true) }
        func local(and host: String, _ port: Int) -> ClusterConfiguration {
            ClusterConfiguration(replica: 1, members: local(1) + [Member(number: 2, host: host, peerPort: port)])
        }
        let cases: [(ClusterConfiguration, String)] = [
            (ClusterConfiguration(replica: 1, members: []), "at least two"),
            (ClusterConfiguration(replica: 1, members: local(1)), "at least two"),
            (ClusterConfiguration(replica: 4, members: local(1, 2, 3)), "1, 2, 3"),
            (ClusterConfiguration(replica: 1, members: local(1, 2, 2)), "number 2"),
            (ClusterConfiguration(replica: 1, members: local(1, 2, 300)), "not 300"),
            (ClusterConfiguration(replica: 1, members: local(1, 2, 0)), "not 0"),
            (ClusterConfiguration(replica: 1, members: observers), "somebody must vote"),
            (local(and: "", 1), "no host"),
            (local(and: "::1", 65_536), "65536"),
            (local(and: "127.0.0.1", 20_001), "members 1 and 2"),
            (ClusterConfiguration(replica: 1, members: away), "secret"),
            (ClusterConfiguration(replica: 1, members: away, secret: .init([1, 2, 3])), "3 bytes"),
        ]
        try await withScratchDirectory { directory in
            for (cluster, text) in cases {
                let error = try await failure(directory, cluster)
                #expect(error.code == .badArguments && error.message.contains(text), "\(error)")
            }
            // Nothing was made.
            let store = try await MetadataStore.open(directory)
            try await store.close()
        }
        #expect(!"\(ClusterConfiguration(replica: 1, members: away, secret: .init([77, 78])))".contains("77"))
    }

    @Test("a first start that others do not come to ends in time, and says who is missing")
    func missing() async throws {
        try await withScratchDirectory { directory in
            let network = InProcessNetwork()
            var cluster = ClusterConfiguration(replica: 2, of: 3, in: network)
            cluster.openTimeoutMilliseconds = 50
            let error = try await failure(directory, cluster)
            #expect(error.code == .notReady && error.message.contains("missing: 1, 3"), "\(error)")
            // The number is free again, and so is the directory.
            #expect(try await failure(directory, cluster).code == .notReady)
        }
    }

    @Test("a later start without a quorum ends in time, and says who is missing")
    func noQuorum() async throws {
        try await StoreCluster.run { cluster, stores in
            for store in stores { try await store.close() }
            var configuration = cluster.configuration(2)
            configuration.openTimeoutMilliseconds = 50
            let error = try await failure(cluster.directory(2), configuration)
            #expect(error.code == .notReady && error.message.contains("not connected: 1, 3"), "\(error)")
        }
    }

    @Test("a directory is opened as what it is")
    func otherDirectories() async throws {
        try await StoreCluster.run { cluster, stores in
            let taken = try await failure(cluster.directory + "/x", cluster.configuration(1))
            #expect(taken.code == .badArguments && taken.message.contains("replica 1"), "\(taken)")
            #expect(try await failure(cluster.directory(1), cluster.configuration(1)).code == .directoryInUse)
            for store in stores { try await store.close() }
            let alone = try await failure(cluster.directory(1), nil)
            #expect(alone.code == .directoryNotUsable && alone.message.contains("1, 2, 3"), "\(alone)")
            let number = try await failure(cluster.directory(1), cluster.configuration(2))
            #expect(number.message.contains("replica 1"), "\(number)")
            let fewer = ClusterConfiguration(replica: 1, of: 2, in: cluster.network)
            let other = try await failure(cluster.directory(1), fewer)
            #expect(other.code == .directoryNotUsable && other.message.contains("1, 2, 3"), "\(other)")
        }
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            try await store.close()
            let error = try await failure(directory, ClusterConfiguration(replica: 1, of: 3, in: InProcessNetwork()))
            #expect(error.code == .directoryNotUsable, "\(error)")
        }
    }
}
