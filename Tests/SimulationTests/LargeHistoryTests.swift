import CoreTypes
import Simulation
import Testing

@Suite("Large histories")
struct LargeHistoryTests {
    private func options(multis: UInt64) -> RandomHistory.Options {
        var options = RandomHistory.Options()
        options.clientCount = 16
        options.pathCount = 50
        options.operationCount = 20_000
        options.lossPercentage = 1
        options.multiPercentage = multis
        return options
    }

    @Test("all checkers pass a right history of 20,000 operations, its znodes joined by multis or not")
    func right() throws {
        for multis in [0, 5] as [UInt64] {
            let history = RandomHistory.draw(options(multis: multis), seed: 7 + multis).history
            let summary = try Linearizability.check(history)
            #expect(summary.undecidedCount == 0)
            #expect(summary.partitionCount == (multis == 0 ? 50 : 1))
            #expect(summary.placementCount == 0, "the zxids' order is a proof")
            try ZxidOrder.check(history)
            try SessionOrder.check(history)
            try Ephemerals.check(history)
            try WatchOrder.check(history)
        }
    }

    @Test("without zxids the search finds an order as well, and hardly ever turns back")
    func searched() throws {
        let history = RandomHistory.draw(options(multis: 0), seed: 7).history
        let summary = try Linearizability.check(history, usesZxids: false)
        #expect(summary.undecidedCount == 0)
        #expect(summary.placementCount < 40 * summary.operationCount, "\(summary)")
    }

    @Test("an error at the end of a long history is found")
    func wrong() {
        var script = RandomHistory.draw(options(multis: 5), seed: 3)
        script.get(1, "/n0", zxid: 1_000_000, shows: HistoryScript.shown(UInt64.max, version: 9_999), isSynced: true)
        let linearizability = broken { () throws(Violation) in try Linearizability.check(script.history) }
        let zxidOrder = broken { () throws(Violation) in try ZxidOrder.check(script.history) }
        #expect(linearizability == .linearizable)
        #expect(zxidOrder == .replay)
    }
}
