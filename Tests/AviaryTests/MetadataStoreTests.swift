import Aviary
import TestSupport
import Testing

@Suite("Embedded store")
struct MetadataStoreTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("what is written is read, and is there after a reopening")
    func reopening() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            let made = try await store.create("/a", bytes("one"))
            #expect(made.path == "/a")
            try await store.create("/a/b", nil)
            let stat = try await store.set("/a", bytes("two"), version: 0)
            #expect(stat.version == 1)
            #expect(try store.get("/a").data == bytes("two"))
            #expect(try store.get("/a/b").data == nil)
            try await store.close()
            let again = try await MetadataStore.open(directory)
            #expect(try again.get("/a").data == bytes("two"))
            #expect(try again.get("/a").stat.childCount == 1)
            #expect(try again.exists("/nothing") == nil)
            try await again.close()
        }
    }

    @Test("errors have a code to decide by and a text that names the path")
    func errors() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            try await store.create("/a")
            try await store.create("/a/b")
            let cases: [(AviaryError.Code, () async throws -> Void)] = [
                (.nodeExists, { try await store.create("/a") }),
                (.noNode, { try await store.create("/x/y") }),
                (.notEmpty, { try await store.delete("/a") }),
                (.badVersion, { try await store.set("/a", [], version: 7) }),
                (.noNode, { _ = try store.get("/none") }),
                (.badArguments, { try await store.set("no-slash", []) }),
                (.tooLarge, { try await store.set("/a", [UInt8](repeating: 0, count: 1_048_577)) }),
            ]
            for (code, body) in cases {
                do {
                    try await body()
                    Issue.record("no error where \(code) was expected")
                } catch let error as AviaryError {
                    #expect(error.code == code, "\(error)")
                    #expect(!error.message.isEmpty)
                }
            }
            try await store.close()
            #expect(throws: AviaryError.self) { try store.get("/a") }
            do throws(AviaryError) {
                try await store.create("/late")
                Issue.record("a closed store took a write")
            } catch {
                #expect(error.code == .closed)
            }
        }
    }

    @Test("a transaction takes effect wholly or not at all, and says which operation failed")
    func transactions() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            let outcomes = try await store.transaction { transaction in
                transaction.create("/t", [1])
                transaction.create("/t/s-", [2], mode: .persistentSequential)
                transaction.set("/t", [3], version: 0)
                transaction.check("/t", version: 1)
            }
            #expect(outcomes.count == 4)
            #expect(try store.get("/t").data == [3])
            #expect(try store.get("/t/s-0000000000").data == [2])
            do {
                try await store.transaction { transaction in
                    transaction.create("/u")
                    transaction.delete("/t")
                }
                Issue.record("a transaction that cannot be done was done")
            } catch let error as AviaryError {
                #expect(error.code == .notEmpty && error.message.contains("/t"))
            }
            #expect(try store.exists("/u") == nil)
            try await store.close()
        }
    }

    @Test("children come in pages, in order, with Stat and data on request")
    func pages() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            try await store.create("/p")
            for number in 0..<25 { try await store.create("/p/\(100 + number)", [UInt8(number)]) }
            var names: [String] = []
            var after: String?
            repeat {
                let page = try store.children(of: "/p", after: after, limit: 10, includingData: true)
                #expect(page.parentStat.childCount == 25)
                for child in page.children { #expect(child.data?.count == 1) }
                names += page.names
                after = page.isLast ? nil : page.names.last
            } while after != nil
            #expect(names == (0..<25).map { "\(100 + $0)" })
            try await store.close()
        }
    }

    @Test("the ephemerals of a session go when it is closed, those of the store when the store is")
    func ephemerals() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            let session = try await store.openSession()
            try await session.create("/mine")
            try await store.create("/own", mode: .ephemeral)
            #expect(try store.get("/mine").stat.ephemeralOwner == session.id)
            try await session.close()
            #expect(try store.exists("/mine") == nil)
            do throws(AviaryError) {
                try await session.create("/again")
                Issue.record("a session that was closed took a write")
            } catch {
                #expect(error.code == .sessionExpired)
            }
            try await store.close()
            let again = try await MetadataStore.open(directory)
            try await again.sync()
            #expect(try again.exists("/own") == nil)
            try await again.close()
        }
    }

    @Test("a watch tells of changes in order, and one that fires once ends")
    func watches() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            let subtree = try await store.watch("/w", .subtree)
            let once = try await store.watch("/w", .nextChange)
            try await store.create("/w")
            try await store.create("/w/x")
            try await store.set("/w/x", [1])
            try await store.delete("/w/x")
            var seen: [String] = []
            for try await event in subtree {
                seen.append("\(event.kind) \(event.path)")
                if seen.count == 4 { break }
            }
            #expect(seen == ["created /w", "created /w/x", "dataChanged /w/x", "deleted /w/x"])
            var count = 0
            for try await event in once {
                #expect(event.kind == .created)
                count += 1
            }
            #expect(count == 1)
            try await store.close()
        }
    }

    @Test("a directory that is open is refused to others, and says who has it")
    func inUse() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            do throws(AviaryError) {
                _ = try await MetadataStore.open(directory)
                Issue.record("a directory was opened twice")
            } catch {
                #expect(error.code == .directoryInUse)
                #expect(error.message.contains(directory))
            }
            try await store.close()
        }
    }

    @Test("many writers share disk writes")
    func batching() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            try await store.create("/m")
            let before = try await store.status()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        for number in 0..<20 { try await store.create("/m/\(writer)-\(number)", [1]) }
                    }
                }
                try await group.waitForAll()
            }
            let after = try await store.status()
            #expect(try store.get("/m").stat.childCount == 320)
            #expect(after.syncCount - before.syncCount < 320)
            #expect(!after.isUnsafe)
            try await store.close()
        }
    }
}
