import Testing

@testable import BenchmarkSupport

@Suite("comparisons")
struct ComparisonTests {
    /// A round of so many writes and reads at one latency, which cost 1000 ns of processor time each, in one second.
    private static func round(
        writes: UInt64, reads: UInt64 = 0, latency: UInt64 = 100, counters: [String: Double] = [:]
    ) -> RoundFigures {
        var result = LoadResult()
        result.completedCount = writes + reads
        result.elapsedNanoseconds = 1_000_000_000
        for _ in 0..<writes { result.writes.record(latency) }
        for _ in 0..<reads { result.reads.record(latency) }
        var usage = ProcessUsage()
        usage.processorNanoseconds = (writes + reads) * 1000
        usage.switchCount = 2 * writes
        usage.readCallCount = 3 * writes
        usage.writeCallCount = 4 * writes
        usage.writtenBytes = 500 * writes
        return RoundFigures(
            result: result, server: usage, generator: ProcessUsage(), othersNanoseconds: 0, stolenNanoseconds: 0,
            diskBytes: 600 * writes, counters: counters)
    }

    private static func outcome(_ rounds: [[RoundFigures]]) -> ServerComparison.Outcome {
        ServerComparison.Outcome(
            workload: Workload(.set, 16, 8), rounds: rounds, warmUps: rounds.map { _ in (1, true) },
            repeatCounts: rounds.map { _ in 0 }, stallCounts: rounds.map { _ in 0 })
    }

    private static func recipes(_ names: [String]) -> [ServerRecipe] {
        names.map { name in
            let program: ServerRecipe.Program =
                name == "aviaryd" ? .aviaryd(path: "/x", arguments: []) : .zooKeeper(isTuned: false)
            return ServerRecipe(name: name, program: program)
        }
    }

    @Test("costs are divided by the writes, and by the reads where nothing is written")
    func costs() {
        let mixed = Self.round(writes: 10, reads: 90, counters: ["zk_log_group_count": 5, "zk_cnt_fsynctime": 7])
        let expected: [RoundFigures.Metric: Double] = [
            .timePerWrite: 10_000, .switchesPerWrite: 2, .readCallsPerWrite: 3, .writeCallsPerWrite: 4,
            .bytesPerWrite: 500, .diskBytesPerWrite: 600, .syncsPerWrite: 0.5,
        ]
        #expect(Set(expected.keys) == Set(RoundFigures.Metric.costs))
        for (metric, value) in expected { #expect(mixed.value(metric) == value, "\(metric)") }
        #expect(Self.round(writes: 0, reads: 50).value(.timePerWrite) == 1000)
        #expect(Self.round(writes: 10, counters: ["zk_cnt_fsynctime": 20]).value(.syncsPerWrite) == 2)
        #expect(Self.round(writes: 0).value(.timePerWrite) == 0)
    }

    @Test("among several references the one that looks best counts")
    func worstRatio() {
        let outcome = Self.outcome([
            [Self.round(writes: 120, latency: 100)], [Self.round(writes: 40, latency: 50)],
            [Self.round(writes: 60, latency: 200)],
        ])
        #expect(outcome.worstRatio(.rate, of: 0, to: [1, 2]) == 2)
        #expect(outcome.worstRatio(.p50, of: 0, to: [1, 2]) == 2)
        #expect(outcome.worstRatio(.rate, of: 0, to: []) == nil)
    }

    @Test("a required counter is the one of that name, in the round in which it moved least")
    func requiredCounter() throws {
        let outcome = Self.outcome([
            [
                Self.round(writes: 1, counters: ["zk_checkpoint_count": 4, "zk_checkpoint_slot": 1_000]),
                Self.round(writes: 1, counters: ["zk_checkpoint_count": 3, "zk_checkpoint_slot": 2_000]),
            ]
        ])
        for (name, figure) in [("checkpoint_count", 3.0), ("zk_checkpoint_slot", 1_000), ("checkpoint", 0)] {
            let requirement = try Requirement(parsing: "set/16x8:counter(\(name))>=1")
            #expect(requirement.figure(in: [outcome], names: ["aviaryd"], primary: 0) == figure, "\(name)")
        }
    }

    @Test("the summary has the better ZooKeeper, figure by figure")
    func summary() {
        let outcome = Self.outcome([
            [Self.round(writes: 120, latency: 100)], [Self.round(writes: 40, latency: 50)],
            [Self.round(writes: 60, latency: 200)],
        ])
        let report = ComparisonReport(Self.recipes(["aviaryd", "zookeeper", "zookeeper-tuned"]))
        let row = report.summary([outcome])?.split(separator: "\n").last?.split(separator: " ").map(String.init)
        #expect(
            row == [
                "set/16x8", "120/s", "60/s", "2.00", "100", "ns", "50", "ns", "2.00", "100", "ns", "50", "ns", "2.00",
            ])
        #expect(ComparisonReport(Self.recipes(["aviaryd"])).summary([Self.outcome([[Self.round(writes: 1)]])]) == nil)
    }

    @Test("the table of costs shows each server that was started here")
    func costTable() {
        let mine = Self.round(writes: 10, counters: ["zk_log_group_count": 5])
        var foreign = mine
        foreign.server = nil
        let report = ComparisonReport(Self.recipes(["aviaryd", "zookeeper"]))
        let lines = report.costLines(Self.outcome([[mine], [foreign]])).joined(separator: "\n").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.hasPrefix("per write ") == true)
        let row = lines.last?.split(separator: " ").map(String.init)
        #expect(row == ["aviaryd", "1.0", "us", "2.00", "3.00", "4.00", "500", "B", "600", "B", "0.50", "2.0"])
    }

    @Test("sizes of values are prepared once each, that of the run first")
    func sizes() {
        var options = ServerComparison.Options()
        options.workloads = [
            Workload(.set, 1, 1, valueByteCount: 1024), Workload(.set, 1, 1),
            Workload(.get, 1, 1, valueByteCount: 1024),
            Workload(.get, 1, 1, valueByteCount: 100),
        ]
        #expect(options.valueByteCounts == [100, 1024])
    }
}
