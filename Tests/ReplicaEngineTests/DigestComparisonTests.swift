import Consensus
import CoreTypes
import Testing
import ZooKeeperWire

@testable import ReplicaEngine

@Suite("Digests of several replicas")
struct DigestComparisonTests {
    private static func replica(_ number: UInt8) -> ReplicaID { ReplicaID(rawValue: number) }

    private static let membership: Membership = {
        let members = (1...4).map { number in
            Member(
                identity: ReplicaIdentity(
                    replica: replica(UInt8(number)),
                    incarnation: Incarnation(Identifier128(high: 1, low: UInt64(number)))),
                isVoter: number < 4)
        }
        guard let membership = Membership(members) else { fatalError("three voters and an observer") }
        return membership
    }()

    private func verdicts(
        own: UInt64, _ others: [(UInt8, UInt64)], replica number: UInt8 = 1
    ) -> [DigestComparison.Verdict] {
        var comparison = DigestComparison()
        let replica = Self.replica(number)
        var verdicts = [
            comparison.note(own: own, at: Slot(rawValue: 8), in: Self.membership, own: replica)
        ]
        for (peer, digest) in others {
            verdicts.append(
                comparison.note(
                    digest, of: Self.replica(peer), at: Slot(rawValue: 8), in: Self.membership, own: replica))
        }
        return verdicts
    }

    @Test("a quorum decides, with this replica or against it; an observer counts for nothing")
    func quorum() {
        #expect(verdicts(own: 5, [(2, 5)]) == [.undecided, .agreed])
        #expect(verdicts(own: 5, [(2, 6), (3, 5)]) == [.undecided, .undecided, .agreed])
        #expect(verdicts(own: 5, [(2, 6), (3, 6)]) == [.undecided, .undecided, .differs])
        #expect(verdicts(own: 5, [(2, 6), (3, 7)]) == [.undecided, .undecided, .nobodyKnows])
        #expect(verdicts(own: 5, [(4, 5), (2, 6)]) == [.undecided, .undecided, .undecided])
        #expect(verdicts(own: 5, [(1, 5), (2, 5)], replica: 4) == [.undecided, .undecided, .agreed])
        #expect(verdicts(own: 6, [(1, 5), (2, 5)], replica: 4) == [.undecided, .undecided, .differs])
    }

    @Test("a peer that is ahead is remembered until this replica is there, and slots that were judged are not again")
    func order() {
        var comparison = DigestComparison()
        let (slot, own) = (Slot(rawValue: 8), Self.replica(1))
        #expect(comparison.note(5, of: Self.replica(2), at: slot, in: Self.membership, own: own) == .undecided)
        #expect(comparison.note(own: 5, at: slot, in: Self.membership, own: own) == .agreed)
        #expect(comparison.note(6, of: Self.replica(3), at: slot, in: Self.membership, own: own) == .undecided)
    }

    @Test("replicas that hold the same agree; one that holds something else takes a snapshot of another one")
    func engines() throws {
        let cluster = try TestCluster.serving(digestPeriodSlotCount: 4)
        let writer = cluster.replicas[0]
        for number in 0..<20 {
            writer.create("/n\(number)")
            cluster.settle()
        }
        cluster.pass(milliseconds: 100)
        for replica in cluster.replicas { #expect((replica.engine?.counters.agreedDigests ?? 0) > 3) }
        let strange = try #require(cluster.replicas.first { $0 !== cluster.leader })
        strange.crash()
        strange.forgetEverythingApplied()
        try strange.start(now: cluster.now)
        for number in 20..<40 {
            cluster.leader?.create("/n\(number)")
            cluster.settle()
        }
        cluster.wait("its store's repair", milliseconds: 20_000) { strange.engine?.counters.installations == 1 }
        #expect(strange.engine?.counters.storeRepairs == 1)
        #expect(strange.servingChanges == [false, true])
        cluster.expectAgreement()
        for replica in cluster.replicas { #expect(replica.stopReason == nil && replica.has("/n39")) }
    }
}
