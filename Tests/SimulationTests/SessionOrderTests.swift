import CoreTypes
import Simulation
import Testing
import ZooKeeperWire

@Suite("SessionOrder")
struct SessionOrderTests {
    private func verdict(_ script: HistoryScript) -> Rule? {
        broken { () throws(Violation) in try SessionOrder.check(script.history) }
    }

    /// A znode that session 1 made and set: zxids 1 and 2.
    private var begun: HistoryScript {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.set(1, "/a", 8, zxid: 2, shows: 1)
        return script
    }

    @Test("a right history passes; another session may lag behind")
    func right() {
        var script = begun
        script.get(1, "/a", zxid: 2, shows: HistoryScript.shown(8, version: 1, mzxid: 2))
        script.get(2, "/a", zxid: 1, shows: HistoryScript.shown(7))
        script.get(2, "/a", zxid: 2, shows: HistoryScript.shown(8, version: 1, mzxid: 2))
        script.delete(2, "/a", zxid: 3)
        script.exists(1, "/a", zxid: 3, shows: HistoryScript.absent)
        #expect(verdict(script) == nil)
    }

    @Test("a header that goes back")
    func headerGoesBack() {
        var script = begun
        script.exists(1, "/b", zxid: 1, shows: HistoryScript.absent)
        #expect(verdict(script) == .neverBack)
    }

    @Test("a znode that goes back, though the header does not")
    func znodeGoesBack() {
        var script = begun
        script.get(1, "/a", zxid: 2, shows: HistoryScript.shown(7))
        #expect(verdict(script) == .neverBack)
        script = begun
        script.get(2, "/a", zxid: 3, shows: HistoryScript.shown(8, version: 1, mzxid: 2))
        script.exists(2, "/a", zxid: 3, shows: HistoryScript.shown(0))
        #expect(verdict(script) == .neverBack)
    }

    @Test("an own write that is not seen: its znode gone, or with other data")
    func ownWrites() {
        var script = begun
        script.exists(1, "/a", zxid: 2, shows: HistoryScript.absent)
        #expect(verdict(script) == .ownWrites)
        script = begun
        script.get(1, "/a", zxid: 2, shows: HistoryScript.shown(9, version: 1, mzxid: 2))
        #expect(verdict(script) == .ownWrites)
    }

    @Test("a deletion by another explains an absence only from its zxid on")
    func laterDeletion() {
        var script = begun
        script.exists(1, "/a", zxid: 2, shows: HistoryScript.absent)
        script.delete(2, "/a", zxid: 3)
        #expect(verdict(script) == .ownWrites)
    }

    @Test("a multi that failed has written nothing")
    func failedMulti() {
        var script = begun
        let (a, b) = (script.path("/a"), script.path("/b"))
        let multi = script.begin(1, [Action(.delete, a), Action(.check, b)], isMulti: true)
        script.end(multi, zxid: 3, [ActionResult(), ActionResult(.noNode)])
        let creating = script.begin(1, [Action(.create, b), Action(.create, a)], isMulti: true)
        script.end(creating, zxid: 4, [ActionResult(), ActionResult(.nodeExists)])
        script.exists(1, "/a", zxid: 4, shows: HistoryScript.absent)
        #expect(verdict(script) == .ownWrites)
    }

    @Test("answers out of order")
    func answersOutOfOrder() {
        var script = begun
        let path = script.path("/a")
        let first = script.begin(1, [Action(.exists, path)])
        let second = script.begin(1, [Action(.exists, path)])
        let result = HistoryScript.shown(0, version: 1, mzxid: 2)
        script.end(second, zxid: 2, [result])
        script.end(first, zxid: 2, [result])
        #expect(verdict(script) == .answersInOrder)
    }

    @Test("writes out of order, one of them known by the word of a replica only")
    func writesOutOfOrder() {
        var script = begun
        let path = script.path("/a")
        let lost = script.lose(1, [Action(.set, path, content: 9)])
        script.set(1, "/a", 10, zxid: 3, shows: 2)
        #expect(verdict(script) == nil)
        script.executed(lost, zxid: 4)
        #expect(verdict(script) == .executedInOrder)
    }

    @Test("a reply that shows more than its header says")
    func beyondHeader() {
        var script = begun
        script.get(2, "/a", zxid: 1, shows: HistoryScript.shown(8, version: 1, mzxid: 2))
        #expect(verdict(script) == .withinHeader)
    }
}
