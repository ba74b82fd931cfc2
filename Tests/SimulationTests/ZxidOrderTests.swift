import CoreTypes
import Simulation
import Testing
import ZooKeeperWire

@Suite("ZxidOrder")
struct ZxidOrderTests {
    private func verdict(_ script: HistoryScript) -> Rule? {
        broken { () throws(Violation) in try ZxidOrder.check(script.history) }
    }

    @Test("a right history passes: creates, sets, deletes, reads, errors, multis, sequences and the end of a session")
    func right() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.set(1, "/a", 8, zxid: 2, shows: 1)
        script.set(2, "/a", 9, if: 0, zxid: 3, error: .badVersion)
        script.create(2, "/a/n-", zxid: 4, isEphemeral: true, isSequential: true, created: "/a/n-0000000000")
        script.create(2, "/a/n-", zxid: 5, isSequential: true, created: "/a/n-0000000001")
        script.children(1, "/a", zxid: 5, names: ["/a/n-0000000000", "/a/n-0000000001"], cversion: 2)
        script.delete(1, "/a", zxid: 6, error: .notEmpty)
        script.endSession(2, zxid: 7)
        script.children(1, "/a", zxid: 7, names: ["/a/n-0000000001"], cversion: 3)
        script.get(3, "/a", zxid: 1, shows: HistoryScript.shown(7))
        script.exists(3, "/b", zxid: 7, shows: HistoryScript.absent)
        #expect(verdict(script) == nil)
    }

    @Test("a multi happens whole or not at all")
    func multi() {
        var script = HistoryScript()
        let (a, b) = (script.path("/a"), script.path("/b"))
        let good = script.begin(1, [Action(.create, a, content: 1), Action(.create, b, content: 2)], isMulti: true)
        var results = [ActionResult(), ActionResult()]
        results[0].created = a
        results[1].created = b
        script.end(good, zxid: 1, results)
        let bad = script.begin(
            1, [Action(.set, a, content: 3), Action(.check, b, version: 5), Action(.delete, a)], isMulti: true)
        script.end(bad, zxid: 2, [ActionResult(), ActionResult(.badVersion), ActionResult(.runtimeInconsistency)])
        script.get(1, "/a", zxid: 2, shows: HistoryScript.shown(1))
        #expect(verdict(script) == nil)
        script.get(1, "/a", zxid: 2, shows: HistoryScript.shown(3, version: 1, mzxid: 2))
        #expect(verdict(script) == .replay)
    }

    @Test("a write that was lost is seen")
    func lostWrite() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.set(1, "/a", 8, zxid: 2, shows: 1)
        script.get(1, "/a", zxid: 2, shows: HistoryScript.shown(7))
        #expect(verdict(script) == .replay)
    }

    @Test("a write that was executed twice is seen by the next version")
    func executedTwice() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.set(1, "/a", 8, zxid: 2, shows: 1)
        script.set(1, "/a", 9, zxid: 4, shows: 3)
        #expect(verdict(script) == .replay)
    }

    @Test("one operation under two zxids, by the word of the replicas")
    func twoZxids() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.executed(0, zxid: 1)
        #expect(verdict(script) == nil)
        script.executed(0, zxid: 2)
        #expect(verdict(script) == .executedOnce)
    }

    @Test("two operations under one zxid")
    func oneZxidTwice() {
        var script = HistoryScript()
        script.create(1, "/a", zxid: 1)
        script.create(2, "/b", zxid: 1)
        #expect(verdict(script) == .zxidOnce)
    }

    @Test("a write that began after another was answered has the higher zxid; one that overlaps need not")
    func realTime() {
        var script = HistoryScript()
        script.create(1, "/a", zxid: 2)
        script.create(2, "/b", zxid: 1)
        #expect(verdict(script) == .realTime)

        script = HistoryScript()
        let (a, b) = (script.path("/a"), script.path("/b"))
        let first = script.begin(1, [Action(.create, a)])
        let second = script.begin(2, [Action(.create, b)])
        var result = ActionResult()
        result.created = a
        script.end(first, zxid: 2, [result])
        result.created = b
        script.end(second, zxid: 1, [result])
        #expect(verdict(script) == nil)
    }

    @Test("a synced read sees what was answered before it; a local one need not")
    func staleRead() {
        for isSynced in [false, true] {
            var script = HistoryScript()
            script.create(1, "/a", 7, zxid: 1)
            script.set(1, "/a", 8, zxid: 2, shows: 1)
            script.get(2, "/a", zxid: 1, shows: HistoryScript.shown(7), isSynced: isSynced)
            #expect(verdict(script) == (isSynced ? .realTime : nil))
        }
    }

    @Test("a reply does not show what has not begun")
    func future() {
        var script = HistoryScript()
        script.exists(2, "/b", zxid: 5, shows: HistoryScript.absent)
        script.create(1, "/a", zxid: 4)
        #expect(verdict(script) == .realTime)
    }

    @Test("an operation that nobody heard of counts if a replica executed it")
    func unknown() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        let path = script.path("/a")
        let lost = script.lose(1, [Action(.set, path, content: 8)])
        script.get(2, "/a", zxid: 2, shows: HistoryScript.shown(8, version: 1, mzxid: 2))
        #expect(verdict(script) == .replay)
        script.executed(lost, zxid: 2)
        #expect(verdict(script) == nil)
    }

    @Test("what was refused must not be executed")
    func refused() {
        var script = HistoryScript()
        let path = script.path("/a")
        let operation = script.begin(1, [Action(.create, path)])
        let step = script.nextStep()
        script.history.refuse(operation, at: step)
        #expect(verdict(script) == nil)
        script.executed(operation, zxid: 1)
        #expect(verdict(script) == .executedOnce)
    }

    @Test("the name of a sequential znode follows its parent's counter")
    func sequence() {
        var script = HistoryScript()
        script.create(1, "/a", zxid: 1)
        script.create(1, "/a/n-", zxid: 2, isSequential: true, created: "/a/n-0000000001")
        #expect(verdict(script) == .replay)
    }

    @Test("an ephemeral that outlives its session is seen")
    func outliving() {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1, isEphemeral: true)
        script.endSession(1, zxid: 2)
        script.get(2, "/a", zxid: 2, shows: HistoryScript.shown(7, owner: 1))
        #expect(verdict(script) == .replay)
    }
}
