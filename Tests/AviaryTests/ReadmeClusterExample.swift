import Aviary
import TestSupport
import Testing

/// The README's example of a cluster, word for word: the house lint compares the two.
@Suite("README, cluster", .timeLimit(.minutes(5)))
struct ReadmeClusterExample {
    private func example(
        in directory: String, as number: Int, of members: [ClusterConfiguration.Member],
        secret: ClusterConfiguration.Secret, print: (String) -> Void
    ) async throws -> MetadataStore {
        // README: begin
        let cluster = ClusterConfiguration(replica: number, members: members, secret: secret)
        let store = try await MetadataStore.open(directory, cluster: cluster)

        // It is there as long as this program is, for all to see.
        try await store.create("/program-\(number)", mode: .ephemeral)

        // A write may be made anywhere. A read is of this replica; behind a sync it sees whatever was written before.
        try await store.sync()
        print("programs: \(try store.children(of: "/").names)")
        // README: end
        return store
    }

    /// Each waits for the others to be done, as their programs go on.
    private func runAll(_ members: [ClusterConfiguration.Member], _ directory: String) async throws -> [String] {
        try await withThrowingTaskGroup(of: (MetadataStore, [String]).self) { group in
            for member in members {
                group.addTask {
                    var lines: [String] = []
                    let store = try await example(
                        in: "\(directory)-\(member.number)", as: member.number, of: members,
                        secret: .init([UInt8](repeating: 9, count: 32))
                    ) { lines.append("\(member.number) \($0)") }
                    return (store, lines)
                }
            }
            let done: [(MetadataStore, [String])] = try await group.reduce(into: []) { $0.append($1) }
            await StoreCluster.closeAll(done.map(\.0))
            return done.flatMap(\.1)
        }
    }

    @Test("the README's example of a cluster runs and prints what it should")
    func runs() async throws {
        try await withScratchDirectory { directory in
            let lines = try await FreePorts.run(3) { ports in
                let members = ports.enumerated().map { index, port in
                    ClusterConfiguration.Member(number: index + 1, host: "127.0.0.1", peerPort: port)
                }
                return try await runAll(members, "\(directory)/\(ports[0])")
            }
            #expect(lines.count == 3)
            for line in lines {
                let number = line.prefix(1)
                #expect(line.hasPrefix("\(number) programs: [") && line.contains("\"program-\(number)\""), "\(line)")
            }
        }
    }
}
