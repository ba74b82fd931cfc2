import Aviary
import TestSupport
import Testing

/// Long lives and ends of an embedded store.
@Suite("Life of an embedded store")
struct StoreLifeTests {
    /// It expired: under load the driver never came to its timer.
    @Test("a session outlives its timeout while its process lives, however busy the store is")
    func busySession() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            let session = try await store.openSession(timeoutMilliseconds: 300)
            try await session.create("/mine", [1])
            try await store.create("/busy")
            let end = ContinuousClock.now + .milliseconds(1_500)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { while ContinuousClock.now < end { try await store.set("/busy", [2]) } }
                }
                try await group.waitForAll()
            }
            #expect(try store.exists("/mine") != nil)
            // A lonely writer drives the engine itself; the timer goes on.
            let lonelyEnd = ContinuousClock.now + .milliseconds(1_000)
            while ContinuousClock.now < lonelyEnd { try await store.set("/busy", [3]) }
            #expect(try store.exists("/mine") != nil)
            try await session.close()
            #expect(try store.exists("/mine") == nil)
            try await store.close()
        }
    }

    @Test("whoever writes, waits or watches when the store is closed gets an answer, and what was answered is there")
    func closedUnderLoad() async throws {
        try await withScratchDirectory { directory in
            let store = try await MetadataStore.open(directory)
            try await store.create("/w")
            let events = try await store.watch("/w", .subtree)
            async let eventCount = events.reduce(into: 0) { count, _ in count += 1 }
            let made = try await withThrowingTaskGroup(of: [String].self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        var made: [String] = []
                        while true {
                            do {
                                made.append(try await store.create("/w/\(writer)-\(made.count)", [1]).path)
                                try await store.sync()
                            } catch let error as AviaryError {
                                #expect(error.code == .closed)
                                return made
                            }
                        }
                    }
                }
                while try store.get("/w").stat.childCount < 50 { await Task.yield() }
                try await store.close()
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(made.count > 0)
            #expect(try await eventCount >= made.count)
            await #expect(throws: AviaryError.self) { try await store.close() }
            let again = try await MetadataStore.open(directory)
            for path in made { #expect(try again.exists(path) != nil, "\(path)") }
            #expect(try await again.status().notices == [])
            try await again.close()
        }
    }
}
