import Glibc

/// Loads many znodes into a server, kills it during writes, and measures how soon it serves again and what it keeps
/// in memory.
///
/// What was acknowledged must be there afterwards: while sets are sent, the highest version that was acknowledged is
/// kept for each key, and after each restart every key is asked for its version.
package final class RecoveryMeasurement {
    package struct Options: Sendable {
        package var znodeCount = 1_000_000
        package var valueByteCount = 100
        package var roundCount = 3
        /// How long sets go on before the process is killed.
        package var loadNanoseconds: UInt64 = 5_000_000_000
        package var connectionCount = 16
        package var outstandingCount = 32

        package init() {}
    }

    /// One kill and what came after it.
    package struct Round: Sendable {
        /// From starting the process to the first reply to a get, connecting included.
        package var firstReadNanoseconds: UInt64
        /// Sets that were acknowledged before the kill, and how many keys were looked at after it.
        package var acknowledgedCount: UInt64
        package var rateBeforeKill: Double
        package var verifiedCount: UInt64
        package var memoryBeforeKill: ProcessUsage
        /// Right after the first read.
        package var memoryAfterRestart: ProcessUsage
        /// After every znode was looked at.
        package var memoryAfterReading: ProcessUsage
        /// After a moment in which nobody asked for anything.
        package var memoryWhenIdle: ProcessUsage
        package var counters: [String: Double]
    }

    package let options: Options
    package let server: MeasuredServer
    package private(set) var loadRate = 0.0
    package private(set) var memoryAfterLoad = ProcessUsage()
    private let keySpace: KeySpace
    private let versions: UnsafeMutablePointer<Int32>

    package init(_ options: Options, recipe: ServerRecipe, directory: String) throws {
        self.options = options
        keySpace = try KeySpace(keyCount: options.znodeCount)
        versions = .allocate(capacity: options.znodeCount)
        versions.initialize(repeating: 0, count: options.znodeCount)
        server = try MeasuredServer(recipe, directory: "\(directory)/\(recipe.name)")
    }

    private static let idleMicroseconds: UInt32 = 4_000_000

    deinit {
        server.stop()
        versions.deallocate()
    }

    /// Makes the znodes.
    package func load() throws {
        let startedAt = monotonicNanoseconds()
        try TreePreparation.fill(keySpace, on: server, valueByteCount: options.valueByteCount)
        loadRate = Double(options.znodeCount) * 1e9 / Double(monotonicNanoseconds() - startedAt)
        _ = server.waitUntilIdle(seconds: 60)
        memoryAfterLoad = server.usage()
    }

    /// Sets, kills, restarts, reads, verifies.
    package func round(seed: UInt64) throws -> Round {
        var plan = LoadPlan(addresses: server.addresses, keySpace: keySpace, choice: .uniform(readShare: 0))
        plan.connectionCount = options.connectionCount
        plan.outstandingCount = options.outstandingCount
        plan.valueByteCount = options.valueByteCount
        plan.durationNanoseconds = options.loadNanoseconds + 60_000_000_000
        plan.toleratesDisconnection = true
        plan.seed = seed
        let run = try LoadRun.start(plan, versions: versions)
        usleep(UInt32(clamping: options.loadNanoseconds / 1000))
        let memoryBeforeKill = server.usage()
        server.kill()
        let result = try run.finish()
        let startedAt = monotonicNanoseconds()
        try server.launch()
        try readOnce()
        let firstRead = monotonicNanoseconds() - startedAt
        let memoryAfterRestart = server.usage()
        let verified = try verify()
        let memoryAfterReading = server.usage()
        usleep(Self.idleMicroseconds)
        return Round(
            firstReadNanoseconds: firstRead, acknowledgedCount: result.completedCount,
            rateBeforeKill: result.rate, verifiedCount: verified, memoryBeforeKill: memoryBeforeKill,
            memoryAfterRestart: memoryAfterRestart, memoryAfterReading: memoryAfterReading,
            memoryWhenIdle: server.usage(), counters: server.counters())
    }

    /// Tries, again and again, to open a session and get one znode.
    private func readOnce() throws {
        let end = monotonicNanoseconds() + 600_000_000_000
        var patience = 50
        while true {
            do {
                let client = try SimpleClient(server.addresses[0], replyMilliseconds: patience)
                let (code, _) = try client.request(.get, path: keySpace.path(options.znodeCount / 2))
                guard code == 0 else { throw LostData("get after the restart: error \(code)") }
                try client.close()
                return
            } catch let error as BenchmarkError {
                guard monotonicNanoseconds() < end, server.isRunning else {
                    throw BenchmarkError(
                        "\(server.name) does not serve after the restart: \(error)\n\(server.lastWords)")
                }
                // Only a reply that does not come takes long: a refused connection is refused at once.
                if !error.description.hasPrefix("connect") { patience = min(patience * 2, 2000) }
                usleep(500)
            }
        }
    }

    /// Asks every znode for its version, which must be at least the one that was acknowledged.
    private func verify() throws -> UInt64 {
        let found = UnsafeMutablePointer<Int32>.allocate(capacity: options.znodeCount)
        found.initialize(repeating: -1, count: options.znodeCount)
        defer { found.deallocate() }
        var plan = LoadPlan(addresses: server.addresses, keySpace: keySpace, choice: .pass(.exists))
        plan.connectionCount = TreePreparation.shape.connections
        plan.outstandingCount = TreePreparation.shape.outstanding
        plan.valueByteCount = options.valueByteCount
        let result: LoadResult
        do {
            result = try LoadRun.start(plan, versions: found).finish()
        } catch let error as BenchmarkError where error.description.contains("error \(ErrorNumber.noNode)") {
            throw LostData(error.description)
        }
        for key in 0..<options.znodeCount where found[key] < versions[key] {
            throw LostData(
                "\(keySpace.path(key)) has version \(found[key]) after the restart, and \(versions[key]) was acknowledged"
            )
        }
        return result.completedCount
    }
}

/// The server forgot what it had acknowledged: the worst that a benchmark can find.
package struct LostData: Error, CustomStringConvertible, Sendable {
    package var description: String

    init(_ what: String) { description = "acknowledged data was lost: \(what)" }
}
