import Testing

/// All interleavings of small clusters. `EXPLORE=n` in the environment explores the large scopes too, up to n states each;
/// that is meant for optimised builds.
@Suite struct ExplorerTests {
    @discardableResult
    private func explore(_ name: String, _ change: (inout ExplorerScope) -> Void) -> Explorer {
        var scope = ExplorerScope()
        scope.proposals = 1
        change(&scope)
        var explorer = Explorer(scope)
        explorer.run()
        print(
            "consensus explorer, \(name): \(explorer.stateCount) states, \(explorer.stepCount) steps,",
            "complete: \(explorer.isComplete), chosen in \(explorer.chosenCount), second leader in",
            "\(explorer.secondLeaderCount)")
        if scope.mutant == nil, let violation = explorer.violation {
            Issue.record("\(name): \(violation)\n\(explorer.trace.joined(separator: "\n"))")
        }
        return explorer
    }

    @Test("one leader, one value, slow disks: safe in every interleaving")
    func slowDisks() {
        let explorer = explore("slow disks") { $0.campaigns = [1] }
        #expect(explorer.isComplete)
        #expect(explorer.chosenCount > 0)
    }

    @Test("one leader, one value, a crash of the leader at any point: safe in every interleaving")
    func leaderCrash() {
        let explorer = explore("a crash of the leader") {
            $0.campaigns = [1]
            $0.crashes = [1]
            $0.hasSlowDisk = false
        }
        #expect(explorer.isComplete)
        #expect(explorer.chosenCount > 0)
    }

    @Test("two rivals, slow disks, no value: safe in every interleaving")
    func rivalsOnly() {
        let explorer = explore("rivals without a value") { $0.proposals = 0 }
        #expect(explorer.isComplete)
        #expect(explorer.secondLeaderCount > 0)
    }

    @Test(
        "random walks find seeded bugs",
        arguments: [Mutant.answerBeforePersist, .ownVoteBeforePersist, .forgetPromise, .forgetAccepted])
    func findsBugs(_ mutant: Mutant) {
        var scope = ExplorerScope()
        scope.mutant = mutant
        scope.proposals = 1
        scope.crashes = [2, 3]
        scope.hasSlowDisk = mutant == .answerBeforePersist || mutant == .ownVoteBeforePersist
        var explorer = Explorer(scope)
        explorer.walk(seed: 1, walkCount: 3_000, length: 30)
        #expect(explorer.violation != nil)
    }

    @Test("random walks of a wider cluster find nothing")
    func walksAreSafe() {
        var scope = ExplorerScope()
        scope.campaigns = [1, 2, 3, 1]
        scope.crashes = [1, 2, 3]
        scope.proposals = 3
        scope.hasCatchUp = true
        var explorer = Explorer(scope)
        explorer.walk(seed: 1, walkCount: environment("WALKS").flatMap { Int($0) } ?? 60, length: 80)
        #expect(explorer.violation == nil, "\(explorer.trace.joined(separator: "\n"))")
        #expect(explorer.secondLeaderCount > 0)
    }

    @Test(
        "large scopes are safe in every interleaving", .enabled(if: environment("EXPLORE") != nil), arguments: 0..<4)
    func large(_ number: Int) {
        let limit = environment("EXPLORE").flatMap { Int($0) } ?? 0
        explore("large scope \(number)") {
            $0.stateCountMax = limit
            switch number {
            case 0: $0.hasSlowDisk = false
            case 1: break
            case 2:
                $0.hasSlowDisk = false
                $0.crashes = [3]
            default:
                $0.hasSlowDisk = false
                $0.campaigns = [1]
                $0.proposals = 2
            }
        }
    }
}
