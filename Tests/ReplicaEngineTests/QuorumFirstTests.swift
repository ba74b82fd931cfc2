import Consensus
import CoreTypes
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

@Suite("A lonely command goes to a quorum first")
struct QuorumFirstTests {
    /// A cluster whose leader alone has a client.
    private func withoutOtherClients() throws -> (TestCluster, leader: TestReplica) {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        for replica in cluster.replicas where replica !== leader { replica.submit(.closeSession) { _ in } }
        cluster.wait("no sessions") { leader.engine?.read { $0.sessionCount } == 1 }
        leader.create("/first")
        cluster.settle()
        return (cluster, leader)
    }

    @Test("a command that is alone is sent to a quorum at once, and to the others later; several are sent to all")
    func quorumFirst() throws {
        let (cluster, leader) = try withoutOtherClients()
        leader.later.removeAll()
        leader.create("/alone")
        cluster.settle()
        let spared = try #require(leader.later.first)
        // Its value, and that it is chosen.
        #expect(leader.later == [spared, spared])
        #expect(cluster[spared.rawValue].has("/alone"))

        cluster.loses = { sender, receiver, _ in sender == leader.identity.replica && receiver == spared }
        leader.create("/without")
        cluster.settle()
        #expect(leader.has("/without") && !cluster[spared.rawValue].has("/without"))
        cluster.loses = { _, _, _ in false }

        leader.later.removeAll()
        for number in 0..<5 { leader.create("/several-\(number)") }
        cluster.settle()
        // That they are chosen may still come later.
        #expect(leader.later.count <= 1)
        cluster.wait("the one that missed something") { cluster[spared.rawValue].has("/without") }
    }

    @Test("who has a client is not spared, from the moment on that one comes")
    func quorumFirstWithClients() throws {
        let (cluster, leader) = try withoutOtherClients()
        leader.create("/alone")
        cluster.settle()
        let spared = try #require(leader.later.last)
        leader.later.removeAll()
        cluster[spared.rawValue].open()
        cluster.settle()
        leader.create("/third")
        cluster.settle()
        #expect(leader.later.isEmpty)
        cluster[spared.rawValue].submit(.closeSession) { _ in }
        cluster.settle()
        leader.create("/fourth")
        cluster.settle()
        #expect(!leader.later.isEmpty)
    }

    @Test("nobody is spared once one of the quick ones is gone")
    func quorumFirstAfterLoss() throws {
        let (cluster, leader) = try withoutOtherClients()
        leader.create("/alone")
        cluster.settle()
        let spared = try #require(leader.later.last)
        let quick = try #require(cluster.replicas.first { $0 !== leader && $0.identity.replica != spared })
        leader.later.removeAll()
        leader.engine?.peerDisconnected(quick.identity.replica)
        leader.create("/third")
        leader.work()
        #expect(leader.later.isEmpty && !leader.outbox.isEmpty)
        cluster.settle()
        #expect(leader.has("/third"))
    }
}
