import BenchmarkSupport

@main
struct Main {
    static func main() throws {
        if CommandLine.arguments[1] == "floor" {
            var f = try FloorServer(directory: ".aviary-bench", port: 24182)
            try f.run()
        }
        let a = try ServerAddress(parsing: CommandLine.arguments[1])
        let ks = try KeySpace(keyCount: 16)
        let c = try SimpleClient(a)
        for p in ks.ancestors { try c.ensure(p) }
        for d in 0..<ks.directoryCount { try c.ensure(ks.directoryPath(d)) }
        try c.close()
        var plan = LoadPlan(addresses: [a], keySpace: ks, choice: .pass(.create))
        plan.toleratesExisting = true; plan.checksContent = a.port != 24182
        print(try LoadRun.run(plan).completedCount)
        for share in [0.0, 1.0, 0.9] {
            for (n, o) in [(1, 1), (16, 8), (64, 32)] {
                var plan = LoadPlan(addresses: [a], keySpace: ks, choice: .random(readShare: share))
                plan.checksContent = a.port != 24182; plan.connectionCount = n; plan.outstandingCount = o;
                plan.durationNanoseconds = 2_000_000_000
                let r = try LoadRun.run(plan)
                print(
                    share, n, o, Int(r.rate), r.latencies.percentile(0.5), r.latencies.percentile(0.99),
                    r.latencies.maximum, r.sampledCount)
            }
        }
    }
}
