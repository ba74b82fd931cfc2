import CoreTypes
import Testing

@testable import ZnodeTree

@Suite("The tree against a dictionary")
struct ModelComparisonTests {
    @Test(
        "results, events and state are the model's over random commands, with checkpoints and restarts at random moments",
        arguments: 1...5 as ClosedRange<UInt64>)
    func agree(seed: UInt64) throws {
        let comparison = try ModelComparison(seed: seed)
        for round in 0..<12 {
            do {
                for _ in 0..<50 { try comparison.step() }
                try comparison.compareState()
            } catch {
                Issue.record("seed \(seed), round \(round), proposal \(comparison.proposals.count): \(error)")
                return
            }
        }
        #expect(comparison.tree.digest() == (try comparison.recomputedDigest()), "seed \(seed)")
    }

    @Test("the random commands reach everything")
    func coverage() throws {
        var tallies: [String: Int] = [:]
        for seed in 100..<103 as Range<UInt64> {
            let comparison = try ModelComparison(seed: seed)
            for _ in 0..<600 { try comparison.step() }
            tallies.merge(comparison.tallies) { $0 + $1 }
        }
        let wanted =
            ["1 ok", "15 ok", "19 ok", "21 ok", "2 ok", "5 ok", "7 ok", "14 ok"]
            + ["error -8", "error -101", "error -102", "error -103", "error -108", "error -110", "error -111"]
            + ["error -114", "repeated", "gap", "moved", "unknownSession", "attach", "close", "expire"]
            + ["reaped", "not reaped", "freeze", "drop", "reload", "replay", "prefetch"]
        for what in wanted { #expect(tallies[what, default: 0] > 0, "\(what) never happened; \(tallies)") }
    }
}
