import CoreTypes
import Testing

@testable import ReplicaEngine

@Suite("Who is quick enough for a quorum")
struct QuickestPeersTests {
    private func replica(_ number: UInt8) -> ReplicaID { ReplicaID(rawValue: number) }
    private func slot(_ number: UInt64) -> Slot { Slot(rawValue: number) }

    @Test("until it is known nobody is spared")
    func unknown() {
        var peers = QuickestPeers()
        #expect(!peers.areQuicker(than: replica(2)))
        peers.acknowledged(slot(1), by: replica(2), neededCount: 2)
        #expect(!peers.areQuicker(than: replica(2)) && !peers.areQuicker(than: replica(3)))
        peers.acknowledged(slot(1), by: replica(2), neededCount: 2)
        #expect(peers.members.isEmpty)
    }

    @Test("the first of a slot are the quickest until others are, and late answers change nothing")
    func order() {
        var peers = QuickestPeers()
        peers.acknowledged(slot(1), by: replica(2), neededCount: 1)
        peers.acknowledged(slot(1), by: replica(3), neededCount: 1)
        #expect(!peers.areQuicker(than: replica(2)) && peers.areQuicker(than: replica(3)))
        peers.acknowledged(slot(2), by: replica(3), neededCount: 1)
        peers.acknowledged(slot(1), by: replica(2), neededCount: 1)
        #expect(peers.areQuicker(than: replica(2)) && !peers.areQuicker(than: replica(3)))
    }

    @Test("of five servers two are needed, and both must have the same slot")
    func five() {
        var peers = QuickestPeers()
        for number in [4, 2, 3, 5] as [UInt8] { peers.acknowledged(slot(1), by: replica(number), neededCount: 2) }
        #expect(peers.members == [replica(4), replica(2)])
        peers.acknowledged(slot(2), by: replica(3), neededCount: 2)
        #expect(peers.members == [replica(4), replica(2)])
        peers.acknowledged(slot(3), by: replica(5), neededCount: 2)
        peers.acknowledged(slot(3), by: replica(3), neededCount: 2)
        #expect(peers.members == [replica(5), replica(3)])
        peers.forget()
        #expect(!peers.areQuicker(than: replica(2)))
    }

    @Test("a leader that needs nobody else spares nobody")
    func alone() {
        var peers = QuickestPeers()
        peers.acknowledged(slot(1), by: replica(2), neededCount: 0)
        #expect(!peers.areQuicker(than: replica(3)))
    }
}
