import CoreTypes
import Testing

@Suite("Formation, in every order of events")
struct FormationExplorerTests {
    @Test("three replicas form one cluster, whatever is connected, read and written first")
    func withoutFaults() {
        let explorer = FormationExplorer(FormationWorld(crashes: 0, wipes: 0))
        #expect(explorer.flaw == nil)
        #expect(explorer.restCount > 0)
    }

    @Test("a crash between any two steps changes nothing about that")
    func crash() {
        let explorer = FormationExplorer(FormationWorld(crashes: 1, wipes: 0))
        #expect(explorer.flaw == nil)
    }

    @Test("a directory lost between any two steps is never counted for the one that it was")
    func wipe() {
        let explorer = FormationExplorer(FormationWorld(crashes: 0, wipes: 1))
        #expect(explorer.flaw == nil)
    }

    @Test("nor is it after more faults, in orders drawn by lot", arguments: [1, 2])
    func manyFaults(wipes: Int) {
        for seed in 0..<2_000 {
            var random = SplitMix64(seed: UInt64(seed))
            var world = FormationWorld(crashes: 3, wipes: wipes)
            while world.violation.isEmpty {
                let faults = world.faults
                let choices = !faults.isEmpty && random.next() % 6 == 0 ? faults : world.actions
                guard let action = choices.randomElement(using: &random) else { break }
                world.take(action)
            }
            let flaw = world.violation.isEmpty ? world.flawAtRest : world.violation
            #expect(flaw == nil, "seed \(seed)")
        }
    }

    @Test("the exploration finds a record that is told of before it is durable")
    func tellsEarly() {
        let explorer = FormationExplorer(FormationWorld(crashes: 0, wipes: 0, mutation: .tellsEarly))
        #expect(explorer.flaw == "a record is told of before it is durable")
    }

    @Test("the exploration finds facts of a lost directory that are read after its successor connected")
    func readsOldConnections() {
        let explorer = FormationExplorer(FormationWorld(crashes: 0, wipes: 1, mutation: .readsOldConnections))
        #expect(explorer.flaw == "nobody is founded" || explorer.flaw == "no quorum is founded")
    }
}
