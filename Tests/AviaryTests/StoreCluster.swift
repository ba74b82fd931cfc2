import Aviary
import TestSupport
import Testing

/// The stores of one cluster in this process, by number from 1.
final class StoreCluster: Sendable {
    let network = InProcessNetwork()
    let directory: String
    let count: Int

    private init(_ directory: String, count: Int) {
        self.directory = directory
        self.count = count
    }

    /// Runs `body` with a new cluster whose stores are all open, and closes those that it leaves open.
    static func run(
        count: Int = 3, sessionTimeoutMilliseconds: Int = 10_000,
        _ body: (StoreCluster, [MetadataStore]) async throws -> Void
    ) async throws {
        try await withScratchDirectory { directory in
            let cluster = StoreCluster(directory, count: count)
            let stores = try await cluster.openAll(sessionTimeoutMilliseconds: sessionTimeoutMilliseconds)
            do {
                try await body(cluster, stores)
            } catch {
                await closeAll(stores)
                throw error
            }
            await closeAll(stores)
        }
    }

    func configuration(_ replica: Int) -> ClusterConfiguration {
        ClusterConfiguration(replica: replica, of: count, in: network)
    }

    func directory(_ replica: Int) -> String { "\(directory)/\(replica)" }

    func open(_ replica: Int) async throws -> MetadataStore {
        try await MetadataStore.open(directory(replica), cluster: configuration(replica))
    }

    private func openAll(sessionTimeoutMilliseconds: Int) async throws -> [MetadataStore] {
        try await StoreCluster.openAll(
            (1...count).map { replica in
                var configuration = configuration(replica)
                configuration.sessionTimeoutMilliseconds = sessionTimeoutMilliseconds
                return (directory(replica), configuration)
            })
    }

    /// Opens all at once; if one cannot be, the others are closed.
    static func openAll(_ places: [(String, ClusterConfiguration)]) async throws -> [MetadataStore] {
        typealias Opened = (Int, Result<MetadataStore, AviaryError>)
        let results: [Opened] = await withTaskGroup(of: Opened.self) { group in
            for (index, place) in places.enumerated() {
                group.addTask {
                    do throws(AviaryError) {
                        return (index, .success(try await MetadataStore.open(place.0, cluster: place.1)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let stores = results.sorted { $0.0 < $1.0 }.compactMap { try? $0.1.get() }
        for (_, result) in results {
            if case .failure(let error) = result {
                await closeAll(stores)
                throw error
            }
        }
        return stores
    }

    /// Some may be closed already.
    static func closeAll(_ stores: [MetadataStore]) async {
        for store in stores { try? await store.close() }
    }

    /// The number of the replica that leads, and not that of a former one, asked of one that is connected.
    static func leader(asked store: MetadataStore) async throws -> Int {
        while true {
            if let leader = try await store.status().cluster?.leader { return leader }
            await Task.yield()
        }
    }
}
