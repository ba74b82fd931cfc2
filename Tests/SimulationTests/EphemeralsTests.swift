import CoreTypes
import Simulation
import Testing
import ZooKeeperWire

@Suite("Ephemerals")
struct EphemeralsTests {
    private func verdict(_ script: HistoryScript) -> Rule? {
        broken { () throws(Violation) in try Ephemerals.check(script.history) }
    }

    private var created: HistoryScript {
        var script = HistoryScript()
        script.create(1, "/a", 7, zxid: 1, isEphemeral: true)
        script.create(1, "/b", 7, zxid: 2, isEphemeral: true)
        return script
    }

    private var there: ActionResult { HistoryScript.shown(7, owner: 1) }

    @Test("there with its session, gone with it, and free for the next; a lagging read still sees it")
    func right() {
        var script = created
        script.get(2, "/a", zxid: 2, shows: there)
        script.delete(2, "/b", zxid: 3)
        script.exists(2, "/b", zxid: 3, shows: HistoryScript.absent)
        script.endSession(1, zxid: 4)
        script.exists(2, "/a", zxid: 4, shows: HistoryScript.absent)
        script.create(2, "/a", zxid: 5)
        script.set(2, "/a", 8, zxid: 6, shows: 1)
        script.get(3, "/a", zxid: 3, shows: there)
        #expect(verdict(script) == nil)
    }

    @Test("it outlives its session, as a read shows, or a delete that succeeds, or a set")
    func outlives() {
        var script = created
        script.endSession(1, zxid: 3)
        var other = script
        script.exists(2, "/a", zxid: 3, shows: there)
        #expect(verdict(script) == .ownerLives)
        var third = other
        other.delete(2, "/a", zxid: 4)
        #expect(verdict(other) == .ownerLives)
        third.set(2, "/b", 1, zxid: 4, shows: 1)
        #expect(verdict(third) == .ownerLives)
    }

    @Test("a session that ended creates another one")
    func createdAfterEnd() {
        var script = created
        script.endSession(1, zxid: 3, isExpiry: false)
        script.create(1, "/c", zxid: 4, isEphemeral: true)
        #expect(verdict(script) == .ownerLives)
    }

    @Test("it is gone while its session lives; an unanswered delete may be why")
    func vanishes() {
        var script = created
        var other = script
        script.exists(2, "/a", zxid: 2, shows: HistoryScript.absent)
        #expect(verdict(script) == .ephemeralStays)
        let path = other.path("/a")
        other.lose(3, [Action(.delete, path)])
        other.exists(2, "/a", zxid: 2, shows: HistoryScript.absent)
        #expect(verdict(other) == nil)
    }

    @Test("it belongs to somebody else")
    func otherOwner() {
        var script = created
        script.exists(2, "/a", zxid: 2, shows: HistoryScript.shown(7, owner: 2))
        #expect(verdict(script) == .ownerTrue)
    }
}
