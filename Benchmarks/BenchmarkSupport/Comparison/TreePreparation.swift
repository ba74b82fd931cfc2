/// Makes the znodes that a workload needs.
package enum TreePreparation {
    /// How many connections and requests are used where nothing is measured.
    static let shape = (connections: 8, outstanding: 64)

    /// Makes the keys of a space, with their values, on a server that may have them already.
    package static func fill(_ keySpace: KeySpace, on server: MeasuredServer, valueByteCount: Int) throws {
        try makeDirectories(keySpace, count: keySpace.directoryCount, on: server)
        var plan = LoadPlan(addresses: server.addresses, keySpace: keySpace, choice: .pass(.create))
        plan.connectionCount = min(shape.connections, keySpace.keyCount)
        plan.outstandingCount = shape.outstanding
        plan.valueByteCount = valueByteCount
        plan.checksContent = server.recipe.checksContent
        plan.toleratesExisting = true
        let made = try LoadRun.run(plan)
        if made.existingCount > 0 {
            plan.choice = .pass(.set)
            _ = try LoadRun.run(plan)
        }
    }

    /// Makes the first directories of a space and what is above them.
    static func makeDirectories(_ keySpace: KeySpace, count: Int, on server: MeasuredServer) throws {
        guard let address = server.addresses.first else { return }
        let client = try SimpleClient(address)
        for path in keySpace.ancestors { try client.ensure(path) }
        for directory in 0..<count { try client.ensure(keySpace.directoryPath(directory)) }
        try client.close()
    }

    /// Deletes what a growing workload made: each delete must succeed, so each acknowledged create is there.
    static func sweep(_ result: LoadResult, of plan: LoadPlan) throws {
        var cleanup = plan
        cleanup.choice = .sweep(.delete, counts: result.createdCounts)
        cleanup.durationNanoseconds = 0
        let swept = try LoadRun.run(cleanup)
        let expected = result.createdCounts.reduce(0, +)
        guard Int(swept.completedCount) == expected else {
            throw BenchmarkError("\(expected) znodes were created, and \(swept.completedCount) of them deleted again")
        }
    }
}
