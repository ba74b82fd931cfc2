import Glibc
import Testing

@testable import BenchmarkSupport

@Suite("load generator")
struct LoadRunTests {
    private func passOfGets(_ server: ScriptedServer, keyCount: Int) throws -> LoadPlan {
        LoadPlan(addresses: [server.address], keySpace: try KeySpace(keyCount: keyCount), choice: .pass(.get))
    }

    @Test("right replies are counted, and whole values compared on a sample")
    func rightReplies() throws {
        let server = try ScriptedServer { number, xid in
            ScriptedServer.reply(xid: xid, body: ScriptedServer.value(key: number - 1, byteCount: 100))
        }
        let result = try LoadRun.run(try passOfGets(server, keyCount: 200))
        server.finish()
        #expect(result.completedCount == 200)
        #expect(result.reads.count == 200)
        #expect(result.writes.count == 0)
        #expect(result.sampledCount == 3)
    }

    @Test("a server that gives no more replies is a stall, which says how many are awaited")
    func stall() throws {
        let server = try ScriptedServer { number, xid in
            guard number <= 3 else { return [] }
            return ScriptedServer.reply(xid: xid, body: ScriptedServer.value(key: number - 1, byteCount: 100))
        }
        var plan = try passOfGets(server, keyCount: 200)
        plan.stallSeconds = 1
        let stall = #expect(throws: LoadStall.self) { try LoadRun.run(plan) }
        server.finish()
        #expect(stall?.inFlightCount == 1)
    }

    /// What is wrong with the 64th reply, and a word of the message that must name it.
    static let faults: [(String, @Sendable (Int32) -> [UInt8]?)] = [
        ("xid", { ScriptedServer.reply(xid: $0 + 1, body: ScriptedServer.value(key: 63, byteCount: 100)) }),
        ("error -101", { ScriptedServer.reply(xid: $0, error: -101) }),
        ("bytes", { ScriptedServer.reply(xid: $0, body: ScriptedServer.value(key: 63, byteCount: 99)) }),
        ("another key", { ScriptedServer.reply(xid: $0, body: ScriptedServer.value(key: 62, byteCount: 100)) }),
        (
            "time went back",
            { ScriptedServer.reply(xid: $0, zxid: 0, body: ScriptedServer.value(key: 63, byteCount: 100)) }
        ),
        (
            "other bytes",
            { xid in
                var body = ScriptedServer.value(key: 63, byteCount: 100)
                body[90] ^= 1
                return ScriptedServer.reply(xid: xid, body: body)
            }
        ),
        ("closed", { _ in nil }),
        ("stream is broken", { _ in [0x7f, 0xff, 0xff, 0xff] + [UInt8](repeating: 0, count: 20) }),
    ]

    @Test("one wrong reply fails the run and is named", arguments: 0..<8)
    func wrongReplies(fault: Int) throws {
        let (word, bytes) = Self.faults[fault]
        let server = try ScriptedServer { number, xid in
            number == 64
                ? bytes(xid)
                : ScriptedServer.reply(xid: xid, body: ScriptedServer.value(key: number - 1, byteCount: 100))
        }
        let plan = try passOfGets(server, keyCount: 200)
        let error = #expect(throws: BenchmarkError.self) { try LoadRun.run(plan) }
        server.finish()
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "no error")")
    }

    @Test("a set whose Stat shows another write fails the run")
    func wrongStat() throws {
        let server = try ScriptedServer { _, xid in
            var stat = [UInt8](repeating: 0, count: 68)
            stat[15] = 9
            stat[55] = 100
            return ScriptedServer.reply(xid: xid, zxid: 8, body: stat)
        }
        let plan = LoadPlan(addresses: [server.address], keySpace: try KeySpace(keyCount: 3), choice: .pass(.set))
        let error = #expect(throws: BenchmarkError.self) { try LoadRun.run(plan) }
        server.finish()
        #expect(error?.description.contains("Stat") == true)
    }

    @Test("against the floor server every choice ends with every request answered")
    func floorServer() throws {
        let directory = "/tmp/aviary-bench-test-\(getpid())"
        try ScratchDirectory.make(directory)
        defer { ScratchDirectory.remove(directory) }
        let port = try Listener.freePorts(1)[0]
        let stop = StopFlag()
        let ready = try Semaphore()
        let thread = try WorkerThread {
            do {
                var server = try FloorServer(directory: directory, port: port, logByteCount: 8 << 20)
                ready.post()
                try server.run(stop: stop)
            } catch {
                Issue.record("\(error)")
                ready.post()
            }
        }
        ready.wait()
        defer {
            stop.raise()
            thread.join()
        }
        let address = ServerAddress(host: "127.0.0.1", port: port)
        var plan = LoadPlan(addresses: [address], keySpace: try KeySpace(keyCount: 1000), choice: .pass(.create))
        plan.checksContent = false
        plan.connectionCount = 3
        plan.outstandingCount = 7
        plan.threadCount = 2
        #expect(try LoadRun.run(plan).completedCount == 1000)
        plan.choice = .uniform(readShare: 0.5)
        plan.durationNanoseconds = 100_000_000
        let mixed = try LoadRun.run(plan)
        #expect(mixed.reads.count > 0 && mixed.writes.count > 0)
        #expect(mixed.latencies.count >= mixed.completedCount)
        #expect(mixed.tenths.reduce(0, +) == mixed.completedCount)
        plan.choice = .growing
        let grown = try LoadRun.run(plan)
        #expect(grown.createdCounts.count == 3)
        #expect(grown.createdCounts.reduce(0, +) == Int(grown.writes.count))
        plan.choice = .sweep(.delete, counts: grown.createdCounts)
        plan.durationNanoseconds = 0
        #expect(try LoadRun.run(plan).completedCount == grown.writes.count)
    }
}

/// Lets one thread wait for another; unchecked, because the kernel orders the reads and writes of a pipe.
final class Semaphore: @unchecked Sendable {
    private var ends: (Int32, Int32) = (0, 0)

    init() throws {
        var pair: [Int32] = [0, 0]
        guard pipe(&pair) == 0 else { throw BenchmarkError.system("pipe", "") }
        ends = (pair[0], pair[1])
    }

    deinit {
        close(ends.0)
        close(ends.1)
    }

    func post() {
        var byte: UInt8 = 1
        write(ends.1, &byte, 1)
    }

    func wait() {
        var byte: UInt8 = 0
        read(ends.0, &byte, 1)
    }
}
