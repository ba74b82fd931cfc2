import Aviary
import TestSupport
import Testing

/// The README's example, word for word: the house lint compares the two.
@Suite("README")
struct ReadmeExample {
    private func example(in directory: String, print: (String) -> Void) async throws {
        // README: begin
        let store = try await MetadataStore.open(directory)
        try await store.create("/config", Array("v1".utf8))

        // A watch tells of every change from here on, in order.
        let changes = try await store.watch("/config", .subtree)

        // A change that nobody else has made meanwhile, or none.
        let node = try store.get("/config")
        try await store.set("/config", Array("v2".utf8), version: node.stat.version)

        // All or nothing.
        try await store.transaction { transaction in
            transaction.check("/config", version: 1)
            transaction.create("/config/db", Array("10.0.0.7".utf8))
            transaction.create("/config/log-", mode: .persistentSequential)
        }

        for try await change in changes {
            print("\(change.kind) \(change.path)")
            if change.path == "/config/log-0000000001" { break }
        }
        print("children: \(try store.children(of: "/config").names)")
        try await store.close()
        // README: end
    }

    @Test("the README's example runs and prints what it should")
    func runs() async throws {
        try await withScratchDirectory { directory in
            var lines: [String] = []
            try await example(in: directory) { lines.append($0) }
            #expect(
                lines == [
                    "dataChanged /config", "created /config/db", "created /config/log-0000000001",
                    "children: [\"db\", \"log-0000000001\"]",
                ])
        }
    }
}
