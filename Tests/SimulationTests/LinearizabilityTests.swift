import CoreTypes
import Simulation
import Testing
import ZooKeeperWire

@Suite("Linearizability")
struct LinearizabilityTests {
    private func verdict(_ script: HistoryScript) -> Rule? {
        broken { () throws(Violation) in try Linearizability.check(script.history) }
    }

    @Test("overlapping writes may have either order")
    func overlapping() {
        for first in [8, 9] as [UInt64] {
            var script = HistoryScript()
            script.create(1, "/a", 7, zxid: 1)
            let path = script.path("/a")
            let eight = script.begin(1, [Action(.set, path, content: 8)])
            let nine = script.begin(2, [Action(.set, path, content: 9)])
            script.end(eight, zxid: 2, [HistoryScript.wrote(version: first == 8 ? 1 : 2, zxid: 2)])
            script.end(nine, zxid: 3, [HistoryScript.wrote(version: first == 8 ? 2 : 1, zxid: 3)])
            let last = first == 8 ? 9 : 8 as UInt64
            script.get(3, "/a", zxid: 3, shows: HistoryScript.shown(last, version: 2), isSynced: true)
            #expect(verdict(script) == nil)
            script.get(3, "/a", zxid: 3, shows: HistoryScript.shown(first, version: 2), isSynced: true)
            #expect(verdict(script) == .linearizable)
        }
    }

    @Test("a stale synced read, a stale local one not being its business")
    func staleRead() {
        for isSynced in [true, false] {
            var script = HistoryScript()
            script.create(1, "/a", 7, zxid: 1)
            script.set(1, "/a", 8, zxid: 2, shows: 1)
            script.get(2, "/a", zxid: 1, shows: HistoryScript.shown(7), isSynced: isSynced)
            #expect(verdict(script) == (isSynced ? .linearizable : nil))
        }
    }

    @Test("a read that goes back while the write it saw is still under way")
    func goesBack() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        let path = script.path("/a")
        script.lose(1, [Action(.set, path, content: 8)])
        script.get(2, "/a", zxid: 2, shows: HistoryScript.shown(8, version: 1), isSynced: true)
        #expect(verdict(script) == nil)
        script.get(3, "/a", zxid: 2, shows: HistoryScript.shown(7), isSynced: true)
        #expect(verdict(script) == .linearizable)
    }

    @Test("a write that was executed twice, or lost")
    func twiceOrNever() {
        for version in [1, 3] as [Int32] {
            var script = HistoryScript()
            script.create(1, "/a", 7, zxid: 1)
            script.set(1, "/a", 8, zxid: 2, shows: 1)
            script.set(2, "/a", 9, zxid: 3, shows: version)
            #expect(verdict(script) == .linearizable)
        }
    }

    @Test("two conditional writes that cannot both have succeeded, and one that cannot have failed")
    func conditional() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.set(1, "/a", 8, if: 0, zxid: 2, shows: 1)
        var other = script
        script.set(2, "/a", 9, if: 0, zxid: 3, shows: 1)
        #expect(verdict(script) == .linearizable)
        other.delete(2, "/a", if: 1, zxid: 3, error: .badVersion)
        #expect(verdict(other) == .linearizable)
    }

    @Test("what nobody heard of may happen late, or never, but once")
    func unknown() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        let path = script.path("/a")
        script.lose(1, [Action(.delete, path)])
        script.set(2, "/a", 8, zxid: 2, shows: 1)
        #expect(verdict(script) == nil)
        script.exists(2, "/a", zxid: 3, shows: HistoryScript.absent, isSynced: true)
        #expect(verdict(script) == nil)
        script.create(2, "/a", 9, zxid: 4)
        script.exists(2, "/a", zxid: 5, shows: HistoryScript.absent, isSynced: true)
        #expect(verdict(script) == .linearizable)
    }

    @Test("a multi that tears")
    func tornMulti() {
        var script = HistoryScript()
        script.create(1, "/a", 1, zxid: 1)
        script.create(1, "/b", 1, zxid: 2)
        let (a, b) = (script.path("/a"), script.path("/b"))
        script.lose(2, [Action(.set, a, content: 2), Action(.set, b, content: 2)])
        script.get(1, "/a", zxid: 3, shows: HistoryScript.shown(2, version: 1), isSynced: true)
        #expect(verdict(script) == nil)
        script.get(1, "/b", zxid: 3, shows: HistoryScript.shown(1), isSynced: true)
        #expect(verdict(script) == .linearizable)
    }

    @Test("a multi that failed changed nothing, and failed for a reason")
    func failedMulti() {
        var script = HistoryScript()
        script.create(1, "/a", 1, zxid: 1)
        let (a, b) = (script.path("/a"), script.path("/b"))
        let multi = script.begin(2, [Action(.set, a, content: 2), Action(.check, b)], isMulti: true)
        script.end(multi, zxid: 2, [ActionResult(), ActionResult(.noNode)])
        script.get(1, "/a", zxid: 2, shows: HistoryScript.shown(1), isSynced: true)
        #expect(verdict(script) == nil)
        let second = script.begin(2, [Action(.set, b, content: 2), Action(.check, a)], isMulti: true)
        script.end(second, zxid: 3, [ActionResult(), ActionResult(.noNode)])
        #expect(verdict(script) == .linearizable)
    }

    @Test("a lost sequential create may have made any name; the end of a session takes its ephemerals")
    func names() {
        var script = HistoryScript()
        let prefix = script.path("/n-")
        script.lose(1, [Action(.create, prefix, content: 5, isSequential: true)])
        script.get(2, "/n-0000000003", zxid: 1, shows: HistoryScript.shown(5), isSynced: true)
        #expect(verdict(script) == nil)

        script = HistoryScript()
        script.create(1, "/a", 1, zxid: 1, isEphemeral: true)
        var other = script
        script.endSession(1, zxid: 2)
        for _ in 0..<2 {
            script.exists(2, "/a", zxid: 2, shows: HistoryScript.absent, isSynced: true)
            other.exists(2, "/a", zxid: 2, shows: HistoryScript.absent, isSynced: true)
        }
        #expect(verdict(script) == nil)
        #expect(verdict(other) == .linearizable)
        script.exists(2, "/a", zxid: 2, shows: HistoryScript.shown(1, owner: 1), isSynced: true)
        #expect(verdict(script) == .linearizable)
    }

    @Test("the report names the shortest prefix that is wrong, and its partition alone")
    func report() {
        var script = HistoryScript()
        script.create(1, "/other", 1, zxid: 1)
        script.create(1, "/a", 7, zxid: 2)
        script.get(2, "/a", zxid: 2, shows: HistoryScript.shown(6), isSynced: true)
        script.set(1, "/a", 8, zxid: 3, shows: 1)
        script.get(2, "/a", zxid: 3, shows: HistoryScript.shown(5, version: 1), isSynced: true)
        do throws(Violation) {
            try Linearizability.check(script.history)
            Issue.record("nothing was found")
        } catch {
            #expect(error.text.contains("the first 2 operations on /a,"))
            #expect(error.text.contains("end with #2 "))
            #expect(error.text.contains("/a: version 0 content 7"))
        }
    }

    @Test("zxids that claim a wrong order do no harm; a search that takes too long ends undecided")
    func undecided() throws {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 2)
        script.set(1, "/a", 8, zxid: 1, shows: 1)
        let searched = try Linearizability.check(script.history)
        #expect(searched.undecidedCount == 0 && searched.placementCount > 0)
        let givenUp = try Linearizability.check(script.history, placementCountMax: 0)
        #expect(givenUp.undecidedCount == 1)
    }

    @Test("agrees with trying every order, on right histories and on spoilt ones", arguments: [1, 2, 3] as [Int])
    func againstBruteForce(pathCount: Int) {
        var counts = (right: 0, wrong: 0)
        for seed in 0..<1_500 as Range<UInt64> {
            var options = RandomHistory.Options()
            options.pathCount = pathCount
            options.operationCount = 4 + Int(seed % 4)
            options.multiPercentage = 30
            options.lossPercentage = 25
            options.tellsExecutions = seed % 2 == 0
            let drawn = RandomHistory.draw(options, seed: seed).history
            #expect(BruteForce(drawn).isLinearizable, "seed \(seed)")
            let history = seed % 4 == 0 ? drawn : spoilt(drawn, seed: seed)
            let expected = BruteForce(history).isLinearizable
            let found = broken { () throws(Violation) in try Linearizability.check(history) } == nil
            #expect(found == expected, "seed \(seed)")
            let searched = broken { () throws(Violation) in try Linearizability.check(history, usesZxids: false) }
            #expect((searched == nil) == expected, "seed \(seed)")
            if expected { counts.right += 1 } else { counts.wrong += 1 }
        }
        #expect(counts.right > 300 && counts.wrong > 150, "\(counts)")
    }

    /// The same history with one answer exchanged for one that a client might have got at another time.
    private func spoilt(_ history: History, seed: UInt64) -> History {
        var generator = SplitMix64(seed: seed ^ 0xFFFF)
        let candidates = history.operations.indices.filter {
            history.operations[$0].outcome == .answered && !history.operations[$0].isMulti
        }
        guard let victim = candidates.randomElement(using: &generator) else { return history }
        var copy = History()
        for number in 0..<history.paths.count {
            _ = copy.paths.number(of: history.paths.text(of: PathID(rawValue: UInt32(number))))
        }
        var events: [(step: Step, index: Int, isEnd: Bool)] = []
        for (index, operation) in history.operations.enumerated() {
            events.append((operation.invoked, index, false))
            if operation.outcome == .answered { events.append((operation.responded, index, true)) }
        }
        for event in events.sorted(by: { $0.step < $1.step }) {
            let operation = history.operations[event.index]
            if !event.isEnd {
                _ = copy.invoke(
                    Array(history.actions[operation.actions]), client: operation.client, session: operation.session,
                    replica: operation.replica, isMulti: operation.isMulti, isSynced: operation.isSynced,
                    at: event.step)
                continue
            }
            var results = Array(history.results[operation.actions])
            if event.index == victim {
                spoil(&results[0], history.actions[operation.actions][operation.actions.lowerBound], &generator)
            }
            copy.answer(event.index, zxid: operation.zxid, results, at: event.step)
        }
        return copy
    }

    private func spoil(_ result: inout ActionResult, _ action: Action, _ generator: inout SplitMix64) {
        if result.error != .ok {
            result = ActionResult()
            result.version = 1
            result.mzxid = Zxid(rawValue: 1)
            result.created = action.kind == .create ? action.path : .none
        } else if action.kind == .create {
            result.error = .nodeExists
        } else if generator.next() % 2 == 0 {
            result.error = .noNode
        } else {
            result.version = result.version == 0 ? 1 : result.version - 1
        }
    }
}
