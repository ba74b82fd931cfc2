import CoreTypes
import Simulation
import Testing
import ZooKeeperWire

@Suite("WatchOrder")
struct WatchOrderTests {
    private func verdict(_ script: HistoryScript, settled: UInt64 = 0) -> Rule? {
        broken { () throws(Violation) in
            try WatchOrder.check(script.history, settledThrough: Zxid(rawValue: settled))
        }
    }

    /// Session 2 watches a znode that session 1 then sets: zxids 1 and 2.
    private var watched: HistoryScript {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.get(2, "/a", zxid: 1, shows: HistoryScript.shown(7), setsWatch: true)
        script.set(1, "/a", 8, zxid: 2, shows: 1)
        return script
    }

    private var changed: ActionResult { HistoryScript.shown(8, version: 1, mzxid: 2) }

    @Test("an event, then a read that shows the change, then silence: one watch, one event")
    func right() {
        var script = watched
        script.event(2, .nodeDataChanged, "/a", zxid: 2)
        script.get(2, "/a", zxid: 2, shows: changed)
        script.set(1, "/a", 9, zxid: 3, shows: 2)
        script.get(2, "/a", zxid: 3, shows: HistoryScript.shown(9, version: 2, mzxid: 3))
        #expect(verdict(script, settled: 3) == nil)
    }

    @Test("an event after the read that shows its change")
    func eventAfterRead() {
        var script = watched
        script.get(2, "/a", zxid: 2, shows: changed)
        script.event(2, .nodeDataChanged, "/a", zxid: 2)
        #expect(verdict(script) == .eventFirst)
    }

    @Test("a reply of any other request that covers the change comes too early as well")
    func eventAfterWrite() {
        var script = watched
        script.create(2, "/b", zxid: 3)
        #expect(verdict(script) == .eventFirst)
    }

    @Test("an event twice")
    func twice() {
        var script = watched
        script.event(2, .nodeDataChanged, "/a", zxid: 2)
        script.event(2, .nodeDataChanged, "/a", zxid: 2)
        #expect(verdict(script) == .eventWanted)
    }

    @Test("an event that nobody asked for")
    func unwanted() {
        var script = watched
        script.event(1, .nodeDataChanged, "/a", zxid: 2)
        #expect(verdict(script) == .eventWanted)
        script = watched
        script.event(2, .nodeChildrenChanged, "/a", zxid: 2)
        #expect(verdict(script) == .eventWanted)
    }

    @Test("an event that is lost, unless its session ended")
    func lost() {
        var script = watched
        #expect(verdict(script, settled: 1) == nil)
        #expect(verdict(script, settled: 2) == .eventArrives)
        script.endSession(2, zxid: 3)
        #expect(verdict(script, settled: 3) == nil)
    }

    @Test("an event that tells of another change than the first, or of none")
    func untrue() {
        var script = watched
        script.delete(1, "/a", zxid: 3)
        script.event(2, .nodeDeleted, "/a", zxid: 3)
        #expect(verdict(script) == .eventTrue)

        script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1)
        script.get(2, "/a", zxid: 1, shows: HistoryScript.shown(7), setsWatch: true)
        script.event(2, .nodeDataChanged, "/a", zxid: 1)
        #expect(verdict(script) == .eventTrue)
    }

    @Test("after a reconnection an event may tell of the last change, without a zxid")
    func rearmed() {
        var script = watched
        script.delete(1, "/a", zxid: 3)
        script.event(2, .nodeDeleted, "/a", zxid: 0)
        #expect(verdict(script, settled: 3) == nil)
    }

    @Test("exists watches what is not there; children watches tell of children and of the end; one deletion fires both")
    func kinds() {
        var script = HistoryScript()
        script.exists(2, "/a", zxid: 0, shows: HistoryScript.absent, setsWatch: true)
        script.get(2, "/b", zxid: 0, shows: HistoryScript.absent, setsWatch: true)
        script.create(1, "/a", zxid: 1)
        script.create(1, "/b", zxid: 2)
        script.event(2, .nodeCreated, "/a", zxid: 1)
        script.children(2, "/a", zxid: 2, names: [], setsWatch: true)
        script.exists(2, "/a", zxid: 2, shows: HistoryScript.shown(0), setsWatch: true)
        script.delete(1, "/a", zxid: 3)
        script.event(2, .nodeDeleted, "/a", zxid: 3)
        script.children(2, "/", zxid: 3, names: ["/b", "/zookeeper"], setsWatch: true)
        script.create(3, "/c", zxid: 4, isEphemeral: true)
        script.event(2, .nodeChildrenChanged, "/", zxid: 4)
        script.exists(2, "/c", zxid: 4, shows: HistoryScript.shown(0, czxid: 4, mzxid: 4, owner: 3), setsWatch: true)
        script.endSession(3, zxid: 5)
        #expect(verdict(script, settled: 5) == .eventArrives)
        script.event(2, .nodeDeleted, "/c", zxid: 5)
        #expect(verdict(script, settled: 5) == nil)
    }
}
