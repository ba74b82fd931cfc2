import Consensus
import CoreTypes
import DurableLog
import PeerWire
import SystemPackage
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

@Suite("Readmission of a replica whose directory was lost")
struct ReadmissionTests {
    /// A serving cluster with some znodes, and a follower of it.
    private func cluster(count: Int = 3) throws -> (TestCluster, TestReplica) {
        let cluster = try TestCluster.serving(count: count)
        for replica in cluster.replicas { replica.create("/r\(replica.identity.replica.rawValue)") }
        cluster.settle()
        let leader = try #require(cluster.leader)
        return (cluster, try #require(cluster.replicas.first { $0 !== leader }))
    }

    private func wipe(_ replica: TestReplica, in cluster: TestCluster) throws {
        replica.wipe()
        for other in cluster.replicas { other.engine?.peerDisconnected(replica.identity.replica) }
        try replica.start(now: cluster.now)
        for other in cluster.replicas where other !== replica {
            other.engine?.peerConnected(replica.identity.replica)
            replica.engine?.peerConnected(other.identity.replica)
        }
    }

    private func newest(_ replica: TestReplica) -> Membership? {
        replica.engine?.consensus.memberships.last?.membership
    }

    private func isMember(_ replica: TestReplica, in cluster: TestCluster) -> Bool {
        cluster.replicas.allSatisfy { newest($0)?.voterIndex(of: replica.identity) != nil }
    }

    /// Everybody but `first` and `second` is not heard any more; they must get on by themselves.
    private func expectProgress(_ cluster: TestCluster, of first: TestReplica, _ second: TestReplica, _ path: String) {
        cluster.isolated = Set(cluster.replicas.filter { $0 !== first && $0 !== second }.map(\.identity.replica))
        cluster.wait("a leader of the two", milliseconds: 20_000) { cluster.leader != nil }
        second.forgetSession()
        second.open()
        cluster.wait("a session") { second.session != .none }
        second.create(path)
        cluster.wait("the write", milliseconds: 20_000) { first.has(path) && second.has(path) }
        cluster.isolated = []
    }

    @Test("it catches up, gets its vote a window later, and the cluster lives on with it alone", arguments: [3, 5])
    func readmitted(count: Int) throws {
        let (cluster, wiped) = try cluster(count: count)
        try wipe(wiped, in: cluster)
        cluster.pass(milliseconds: 50)
        #expect(wiped.engine?.isVoting == false)
        cluster.wait("the readmission", milliseconds: 10_000) { wiped.engine?.isVoting == true }
        #expect(isMember(wiped, in: cluster))
        #expect(wiped.has("/r1") && wiped.has("/r\(count)"))
        for replica in cluster.replicas { #expect(replica.engine?.counters.readmissions == 1) }
        let notices = try #require(wiped.engine).takeNotices()
        #expect(notices.contains { $0.contains("readmitted as incarnation \(wiped.identity.incarnation.value)") })
        #expect(notices.last == "this replica votes from now on")
        cluster.expectAgreement()
        guard count == 3 else { return }
        for other in cluster.replicas where other !== wiped {
            expectProgress(cluster, of: other, wiped, "/with\(other.identity.replica.rawValue)")
            cluster.wait("everybody", milliseconds: 20_000) { cluster.leader != nil }
            cluster.pass(milliseconds: 1_000)
        }
        cluster.expectAgreement()
    }

    @Test("before its membership is in force its acceptance does not count")
    func notBefore() throws {
        let (cluster, wiped) = try cluster()
        let leader = try #require(cluster.leader)
        let third = try #require(cluster.replicas.first { $0 !== leader && $0 !== wiped })
        try wipe(wiped, in: cluster)
        cluster.pass(milliseconds: 200)
        #expect(wiped.engine?.appliedSlot == leader.engine?.appliedSlot)
        // The leader and the wiped one are two of three, and no quorum.
        cluster.isolated = [third.identity.replica]
        leader.forgetReplies()
        leader.create("/early")
        cluster.pass(milliseconds: 300)
        #expect(leader.replies == [])
        cluster.pass(milliseconds: 3_000)
        #expect(leader.replies == [])
        #expect(leader.engine?.consensus.memberships.count == 1, "the change is decided without it")
        cluster.isolated = []
        cluster.wait("the write", milliseconds: 20_000) { leader.has("/early") }
        cluster.wait("the readmission", milliseconds: 10_000) { wiped.engine?.isVoting == true }
        cluster.expectAgreement()
    }

    @Test("its acceptances of slots after the change count only from one window later")
    func notInTheWindow() throws {
        let (cluster, wiped) = try cluster()
        let leader = try #require(cluster.leader)
        let third = try #require(cluster.replicas.first { $0 !== leader && $0 !== wiped })
        try wipe(wiped, in: cluster)
        // Once the change is applied, the third is gone: the no-ops of the window find no quorum.
        var isGone = false
        cluster.loses = { sender, receiver, _ in
            if leader.engine?.membershipFirstSlot != Slot.none { isGone = true }
            return isGone && (sender == third.identity.replica || receiver == third.identity.replica)
        }
        cluster.pass(milliseconds: 3_000)
        let first = try #require(leader.engine?.membershipFirstSlot)
        #expect(first > .none)
        let applied = try #require(leader.engine?.appliedSlot)
        #expect(applied < first)
        #expect(wiped.engine?.isVoting == false)
        cluster.loses = { _, _, _ in false }
        cluster.wait("the readmission", milliseconds: 20_000) { wiped.engine?.isVoting == true }
        let then = try #require(wiped.engine?.appliedSlot)
        #expect(then.next >= first)
        cluster.expectAgreement()
    }

    @Test("it is readmitted as often as its directory is lost")
    func twice() throws {
        let (cluster, wiped) = try cluster()
        for time in 1...2 {
            try wipe(wiped, in: cluster)
            cluster.wait("readmission \(time)", milliseconds: 20_000) { wiped.engine?.isVoting == true }
            #expect(isMember(wiped, in: cluster))
        }
        let other = try #require(cluster.replicas.first { $0 !== wiped })
        expectProgress(cluster, of: other, wiped, "/twice")
        cluster.wait("everybody", milliseconds: 20_000) { cluster.replicas.allSatisfy { $0.has("/twice") } }
        cluster.expectAgreement()
    }

    @Test("one directory after the other may be lost")
    func all() throws {
        let (cluster, _) = try cluster()
        for replica in cluster.replicas {
            try wipe(replica, in: cluster)
            cluster.wait("readmission", milliseconds: 20_000) {
                cluster.leader != nil && replica.engine?.isVoting == true && isMember(replica, in: cluster)
            }
        }
        #expect(cluster.replicas.allSatisfy { $0.has("/r1") && $0.has("/r3") })
        cluster.expectAgreement()
    }

    @Test("nobody is readmitted in the place of one that is alive, nor one whose place was taken")
    func refused() throws {
        let (cluster, follower) = try cluster()
        let leader = try #require(cluster.leader)
        let body = ByteBuilder()
        let empty = ByteBuilder()
        PeerWire.append(.admission, payload: empty.bytes, to: body)
        let message = [UInt8](copying: body.bytes)
        var other = follower.identity
        other.incarnation.value.high += 100
        for _ in 0..<3 {
            cluster.pass(milliseconds: 1_000)
            try leader.engine?.receive(message.span.bytes, from: other)
        }
        cluster.pass(milliseconds: 1_000)
        #expect(leader.engine?.counters.refusedAdmissions == 3)
        #expect(leader.engine?.membershipFirstSlot == Slot.none)
        let notices = try #require(leader.engine).takeNotices()
        #expect(notices.count == 1)

        let former = follower.identity
        try wipe(follower, in: cluster)
        cluster.wait("the readmission", milliseconds: 10_000) { follower.engine?.isVoting == true }
        let first = leader.engine?.membershipFirstSlot
        let refusedCount = try #require(leader.engine?.counters.refusedAdmissions)
        cluster.isolated = [follower.identity.replica]
        cluster.pass(milliseconds: 1_000)
        try leader.engine?.receive(message.span.bytes, from: former)
        cluster.isolated = []
        cluster.pass(milliseconds: 1_000)
        #expect(leader.engine?.counters.refusedAdmissions == refusedCount + 1)
        #expect(leader.engine?.membershipFirstSlot == first)
    }

    @Test("a restart of everybody keeps the membership", arguments: [false, true])
    func restart(isClean: Bool) throws {
        let (cluster, wiped) = try cluster()
        try wipe(wiped, in: cluster)
        cluster.wait("the readmission", milliseconds: 10_000) { wiped.engine?.isVoting == true }
        cluster.expectAgreement()
        for replica in cluster.replicas { if isClean { try replica.close() } else { replica.crash() } }
        for replica in cluster.replicas { try replica.start(now: cluster.now) }
        if isClean {
            for replica in cluster.replicas {
                #expect(newest(replica)?.voterIndex(of: wiped.identity) != nil)
                #expect(replica.engine?.consensus.memberships.count == 1)
                #expect(replica.engine?.replay.slotCount == 0)
            }
        }
        cluster.wait("a leader", milliseconds: 10_000) { cluster.leader != nil }
        cluster.wait("the vote") { wiped.engine?.isVoting == true && isMember(wiped, in: cluster) }
        let other = try #require(cluster.replicas.first { $0 !== wiped })
        expectProgress(cluster, of: other, wiped, "/later")
        cluster.wait("everybody", milliseconds: 20_000) { cluster.replicas.allSatisfy { $0.has("/later") } }
        // What a checkpoint holds is not seen again.
        if isClean { #expect(cluster.replicas.allSatisfy { $0.engine?.counters.readmissions == 0 }) }
        cluster.expectAgreement()
    }

    @Test("a restart between the change and its coming into force goes on where it was")
    func restartInTheWindow() throws {
        let (cluster, wiped) = try cluster()
        let leader = try #require(cluster.leader)
        try wipe(wiped, in: cluster)
        for _ in 0..<400 where leader.engine?.membershipFirstSlot == Slot.none {
            cluster.pass(milliseconds: 10)
            // The window is filled at once: its messages must not arrive.
            cluster.loses = { _, _, _ in leader.engine?.membershipFirstSlot != Slot.none }
        }
        #expect(leader.engine?.consensus.memberships.count == 2)
        for replica in cluster.replicas { replica.crash() }
        cluster.loses = { _, _, _ in false }
        for replica in cluster.replicas { try replica.start(now: cluster.now) }
        cluster.wait("the readmission", milliseconds: 20_000) { wiped.engine?.isVoting == true }
        #expect(isMember(wiped, in: cluster))
        cluster.expectAgreement()
    }

    @Test("it asks again after a restart before it was readmitted")
    func restartBefore() throws {
        let (cluster, wiped) = try cluster()
        try wipe(wiped, in: cluster)
        cluster.pass(milliseconds: 100)
        wiped.crash()
        cluster.pass(milliseconds: 2_000)
        try wiped.start(now: cluster.now)
        cluster.wait("the readmission", milliseconds: 10_000) { wiped.engine?.isVoting == true }
        #expect(isMember(wiped, in: cluster))
        cluster.expectAgreement()
    }

    @Test("the two that are left get on after they lost their power, when it has voted once", arguments: 0...3)
    func powerLoss(writes: Int) throws {
        let (cluster, wiped) = try cluster()
        try wipe(wiped, in: cluster)
        cluster.wait("the readmission", milliseconds: 10_000) { wiped.engine?.isVoting == true }
        for number in 0..<writes {
            cluster.leader?.create("/w\(number)")
            cluster.settle()
        }
        let third = try #require(cluster.replicas.first { $0 !== wiped && $0 !== cluster.leader })
        for replica in cluster.replicas { replica.crash() }
        for replica in cluster.replicas where replica !== third { try replica.start(now: cluster.now) }
        cluster.wait("a leader of the two", milliseconds: 20_000) { cluster.leader != nil }
        #expect(wiped.engine?.isVoting == true)
        try third.start(now: cluster.now)
        cluster.expectAgreement()
    }

    @Test("what its former self left open is not taken for its own")
    func attachments() throws {
        let (cluster, wiped) = try cluster()
        let former = wiped.attachment
        try wipe(wiped, in: cluster)
        wiped.open()
        cluster.wait("a session", milliseconds: 10_000) { wiped.session != .none }
        #expect(wiped.attachment.rawValue >> 36 != former.rawValue >> 36)
        wiped.forgetReplies()
        wiped.create("/again")
        cluster.wait("the write") { wiped.replies == ["executed 0"] }
        cluster.expectAgreement()
    }

    @Test("the log notes the newest membership, and no checkpoint comes before that")
    func logRecord() throws {
        let (cluster, wiped) = try cluster()
        try wipe(wiped, in: cluster)
        cluster.wait("the readmission", milliseconds: 10_000) { wiped.engine?.isVoting == true }
        for replica in cluster.replicas {
            let engine = try #require(replica.engine)
            #expect(engine.unrecordedMembership == nil && engine.isAppliedDurable)
            engine.unrecordedMembership = [1]
            #expect(!engine.isAppliedDurable)
            let expected = newest(replica)
            replica.crash()
            let found = try DurableLog.inspect(
                fileSystem: replica.disk, directory: "/data/log", policy: .cluster, firstSlotNeeded: .none)
            #expect(MembershipCodec.decode(found.membership) == expected)
        }
    }
}
