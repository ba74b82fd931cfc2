import Consensus
import CoreTypes
import DurableLog
import PeerWire
import Testing
import ZnodeTree
import ZooKeeperWire

@testable import ReplicaEngine

@Suite("Several replicas")
struct ClusterTests {
    @Test("a leader is elected, and every replica's client writes what all replicas hold", arguments: [3, 5])
    func writes(count: Int) throws {
        let cluster = try TestCluster.serving(count: count)
        for replica in cluster.replicas { replica.create("/r\(replica.identity.replica.rawValue)") }
        cluster.settle()
        for replica in cluster.replicas { #expect(replica.replies == ["executed 0"]) }
        cluster.expectAgreement()
        for replica in cluster.replicas { #expect((1...count).allSatisfy { replica.has("/r\($0)") }) }
    }

    @Test("nothing is answered before a quorum has it on disk")
    func durableAtQuorum() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        cluster.isolated = Set(cluster.replicas.map(\.identity.replica)).subtracting([leader.identity.replica])
        leader.create("/alone")
        cluster.settle()
        #expect(leader.replies.isEmpty)
        #expect(!leader.has("/alone"))
        cluster.isolated = []
        cluster.wait("the write") { leader.replies == ["executed 0"] }
        cluster.expectAgreement()
    }

    @Test("drivers that write the log themselves do so for single commands, and leave more to its thread")
    func driversWrite() throws {
        let cluster = try TestCluster.serving()
        for replica in cluster.replicas { replica.writesLog = true }
        for round in 0..<20 {
            for replica in cluster.replicas { replica.create("/\(replica.identity.replica.rawValue)-\(round)") }
            if round % 3 == 0 { cluster.settle() }
        }
        cluster.settle()
        for replica in cluster.replicas { #expect(replica.replies == Array(repeating: "executed 0", count: 20)) }
        cluster.expectAgreement()
    }

    @Test("a follower whose driver writes the log acknowledges a value when it is on disk, and not before")
    func followerWrites() throws {
        let cluster = try TestCluster.serving()
        cluster.settle()
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.replicas.first { $0 !== leader })
        let engine = try #require(follower.engine)
        leader.create("/a")
        leader.engine?.endOfInput()
        let accepts = leader.outbox.filter { $0.receiver == follower.identity.replica }
        for message in accepts { try engine.receive(message.body.span.bytes, from: leader.identity) }
        let durable = engine.log.durableSequence
        let mustGoOn = engine.endOfInput(writesLog: true)
        #expect(mustGoOn)
        #expect(engine.log.durableSequence > durable)
        #expect(follower.outbox.isEmpty)
        engine.processCompletions()
        #expect(follower.outbox.map(\.receiver) == [leader.identity.replica])
        // With nothing to write there is nothing to go on with.
        let isDueAgain = engine.endOfInput(writesLog: true)
        #expect(!isDueAgain)
    }

    @Test("who waits for a chosen slot is told at once, and the others when something else takes it along")
    func unhurried() throws {
        let cluster = try TestCluster.serving()
        cluster.settle()
        let leader = try #require(cluster.leader)
        let followers = cluster.replicas.filter { $0 !== leader }
        let numbers = Set(followers.map(\.identity.replica))
        leader.unhurried.removeAll()
        leader.create("/leader")
        cluster.settle()
        #expect(Set(leader.unhurried + leader.later) == numbers)
        leader.unhurried.removeAll()
        leader.later.removeAll()
        followers[0].create("/follower")
        cluster.settle()
        #expect(Set(leader.unhurried + leader.later) == [followers[1].identity.replica])
        leader.unhurried.removeAll()
        leader.later.removeAll()
        leader.create("/again")
        cluster.settle()
        #expect(Set(leader.unhurried + leader.later) == numbers)
    }

    @Test("when the leader dies, the others' clients lose nothing and do nothing twice")
    func leaderDies() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let others = cluster.replicas.filter { $0 !== leader }
        for replica in others {
            for number in 0..<20 { replica.create("/\(replica.identity.replica.rawValue)-\(number)") }
        }
        for replica in others { replica.work() }
        leader.crash()
        for replica in others { replica.engine?.peerDisconnected(leader.identity.replica) }
        for replica in others { replica.create("/\(replica.identity.replica.rawValue)-20") }
        cluster.wait("all answers") { others.allSatisfy { $0.replies.count == 21 } }
        for replica in others { #expect(replica.replies == Array(repeating: "executed 0", count: 21)) }
        try leader.start(now: cluster.now)
        cluster.expectAgreement()
        #expect(leader.has("/\(others[0].identity.replica.rawValue)-20"))
    }

    @Test("a replica that was away catches up from the others' logs")
    func catchUp() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let away = try #require(cluster.replicas.first { $0 !== leader })
        cluster.isolated = [away.identity.replica]
        for number in 0..<300 {
            leader.create("/n\(number)")
            if number % 10 == 9 { cluster.settle() }
        }
        #expect(leader.replies.count == 300)
        #expect(!away.has("/n0"))
        cluster.isolated = []
        cluster.wait("the last znode") { away.has("/n299") }
        cluster.expectAgreement()
    }

    @Test("who cannot read any more what a new leader needs of it stops, and says so after its next start")
    func unreadableForLeader() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let others = cluster.replicas.filter { $0 !== leader }
        let (holder, other) = (others[0], others[1])
        cluster.isolated = [other.identity.replica]
        // It accepts, and does not hear that this is chosen.
        cluster.loses = { sender, _, body in
            guard sender == leader.identity.replica,
                case .consensus(.accept)? = try? PeerWire.decode(body.span.bytes).message
            else { return sender == leader.identity.replica }
            return false
        }
        leader.create("/only-here")
        cluster.settle()
        #expect(leader.has("/only-here") && !holder.has("/only-here"))
        for replica in cluster.replicas { replica.crash() }
        for replica in others { try replica.start(now: cluster.now) }
        cluster.isolated = []
        cluster.loses = { _, _, _ in false }
        holder.failLogReads(true)
        // What the start read is forgotten, too.
        #expect(holder.engine?.readLog(Slot(rawValue: 1)) == nil)
        other.engine?.campaign()
        cluster.pass(milliseconds: 1_000)
        #expect(holder.engine?.stopReason?.contains("cannot be read any more") == true)
        #expect(!other.has("/only-here"))
        holder.crash()
        #expect(holder.damageLog(at: "/only-here"))
        for replica in [holder, leader] { try replica.start(now: cluster.now) }
        cluster.wait("a leader") { cluster.leader != nil }
        cluster.expectAgreement()
        for replica in cluster.replicas { #expect(replica.has("/only-here")) }
    }

    @Test("values that nobody's log gives any more come with a snapshot")
    func unreadableForEverybody() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let away = try #require(cluster.replicas.first { $0 !== leader })
        cluster.isolated = [away.identity.replica]
        for number in 0..<30 {
            leader.create("/n\(number)")
            cluster.settle()
        }
        for replica in cluster.replicas where replica !== away { replica.failLogReads(true) }
        cluster.isolated = []
        cluster.wait("the last znode", milliseconds: 20_000) { away.has("/n29") }
        #expect(away.engine?.status.counters.installations == 1)
        for replica in cluster.replicas { replica.failLogReads(false) }
        cluster.expectAgreement()
    }

    @Test("a damaged value is fetched from the others, whoever leads", arguments: [0, 1, 2], ["/n3", "/n29"])
    func damage(place: Int, path: String) throws {
        let cluster = try TestCluster.serving()
        let writer = cluster.replicas[2]
        for number in 0..<30 {
            writer.create("/n\(number)")
            cluster.settle()
        }
        cluster.pass(milliseconds: 500)
        for replica in cluster.replicas { replica.crash() }
        let isDamaged = cluster.replicas[place].damageLog(at: path)
        #expect(isDamaged)
        for replica in cluster.replicas { try replica.start(now: cluster.now) }
        cluster.wait("a leader") { cluster.leader != nil }
        cluster.expectAgreement()
        for replica in cluster.replicas { #expect((0..<30).allSatisfy { replica.has("/n\($0)") }) }
        // It was not only read from a peer, but is whole on disk again.
        for replica in cluster.replicas { replica.crash() }
        for replica in cluster.replicas { try replica.start(now: cluster.now) }
        cluster.wait("a leader") { cluster.leader != nil }
        cluster.expectAgreement()
    }

    @Test("a replica whose disk is full takes no values, and is as the others again once there is room")
    func fullDisk() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let full = try #require(cluster.replicas.first { $0 !== leader })
        full.limitDisk(toByteCount: 1)
        for number in 0..<60 {
            leader.submit(.create) { $0.append(createRequest: "/n\(number)", data: Array(repeating: 7, count: 8_000)) }
            cluster.settle()
        }
        #expect(leader.replies.count == 60)
        cluster.pass(milliseconds: 2_000)
        #expect(!full.has("/n59"))
        full.limitDisk(toByteCount: .max)
        cluster.wait("the last znode", milliseconds: 30_000) { full.has("/n59") }
        cluster.expectAgreement()
        full.crash()
        try full.start(now: cluster.now)
        cluster.expectAgreement()
    }

    @Test("a leader whose disk is full lets another one lead")
    func fullLeader() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let other = try #require(cluster.replicas.first { $0 !== leader })
        leader.limitDisk(toByteCount: 1)
        for number in 0..<60 {
            other.submit(.create) { $0.append(createRequest: "/n\(number)", data: Array(repeating: 7, count: 8_000)) }
            cluster.settle()
        }
        cluster.wait("all answers", milliseconds: 60_000) { other.replies.count == 60 }
        #expect(cluster.leader !== leader)
        leader.limitDisk(toByteCount: .max)
        cluster.wait("the last znode", milliseconds: 30_000) { leader.has("/n59") }
        cluster.expectAgreement()
    }

    @Test("two replicas ask for one session at once: both get it, one after the other")
    func attachRace() throws {
        let cluster = try TestCluster.serving()
        let session = cluster.replicas[0].session
        cluster.replicas[1].attach(session)
        cluster.replicas[2].attach(session)
        cluster.wait("both") {
            cluster.replicas[1].sessionEvents.contains(.attached)
                && cluster.replicas[2].sessionEvents.contains(.attached)
        }
        #expect(!cluster.replicas.contains { $0.sessionEvents.contains(.refused) })
        #expect(cluster.replicas.filter { $0.sessionEvents.last == .attached }.count == 1)
    }

    @Test("who loses the lead goes on knowing when it was last confirmed")
    func formerLeader() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        cluster.pass(milliseconds: 60_000)
        leader.engine?.transferLeadership()
        cluster.settle()
        #expect(leader.isServing == false)
        #expect((leader.engine?.unconfirmedMilliseconds ?? .max) < 500)
    }

    @Test("all replicas die at once, and come back with everything that was answered")
    func allDie() throws {
        let cluster = try TestCluster.serving()
        let writer = cluster.replicas[2]
        for number in 0..<50 { writer.create("/n\(number)") }
        cluster.wait("answers") { writer.replies.count == 50 }
        for replica in cluster.replicas { replica.crash() }
        for replica in cluster.replicas { try replica.start(now: cluster.now) }
        cluster.wait("a leader") { cluster.leader != nil }
        cluster.expectAgreement()
        for replica in cluster.replicas { #expect((0..<50).allSatisfy { replica.has("/n\($0)") }) }
    }

    @Test("sync sees what was answered elsewhere before it")
    func syncBarrier() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let others = cluster.replicas.filter { $0 !== leader }
        let (writer, reader) = (others[0], others[1])
        // The reader hears of nothing that is chosen, until it asks.
        cluster.isolated = [reader.identity.replica]
        writer.create("/seen")
        cluster.settle()
        #expect(writer.replies == ["executed 0"])
        #expect(!reader.has("/seen"))
        reader.sync(1)
        cluster.settle()
        #expect(reader.replies.isEmpty)
        cluster.isolated = []
        cluster.wait("the barrier") { reader.replies == ["sync 1"] }
        #expect(reader.has("/seen"))
    }

    @Test("a sync is told before a write that was submitted behind it, however late the leader's answer is")
    func syncBeforeWrite() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.replicas.first { $0 !== leader })
        cluster.loses = { _, _, body in
            guard case .consensus(.readIndexReply)? = try? PeerWire.decode(body.span.bytes).message else {
                return false
            }
            return true
        }
        follower.create("/before")
        follower.sync(1)
        // The connection lets its next command into another slot, as the server does.
        follower.engine?.endBatch()
        follower.create("/behind")
        cluster.pass(milliseconds: 100)
        #expect(follower.replies == ["executed 0", "sync 1", "executed 0"])
    }

    @Test("syncs of one connection are told in their order, when the answer to the first one is lost")
    func syncsInOrder() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.replicas.first { $0 !== leader })
        var lossCount = 0
        cluster.loses = { _, _, body in
            guard case .consensus(.readIndexReply)? = try? PeerWire.decode(body.span.bytes).message else {
                return false
            }
            lossCount += 1
            return lossCount == 1
        }
        follower.sync(1)
        follower.sync(2)
        cluster.pass(milliseconds: 3_000)
        #expect(lossCount > 1)
        #expect(follower.replies == ["sync 1", "sync 2"])
    }

    @Test("a sync is not told before a write of the same turn that was submitted before it")
    func syncBehindWrite() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let follower = try #require(cluster.replicas.first { $0 !== leader })
        follower.create("/before")
        follower.sync(1)
        cluster.settle(without: follower)
        #expect(follower.replies.isEmpty)
        cluster.wait("answers") { follower.replies == ["executed 0", "sync 1"] }
    }

    @Test("messages that get lost cost time, and nothing else")
    func losses() throws {
        let cluster = try TestCluster.serving()
        var generator = SplitMix64(seed: 3)
        cluster.loses = { _, _, _ in generator.next() % 5 == 0 }
        for round in 0..<20 {
            for replica in cluster.replicas { replica.create("/\(replica.identity.replica.rawValue)-\(round)") }
            cluster.pass(milliseconds: 50)
        }
        cluster.loses = { _, _, _ in false }
        cluster.wait("all answers", milliseconds: 30_000) { cluster.replicas.allSatisfy { $0.replies.count == 20 } }
        for replica in cluster.replicas { #expect(replica.replies == Array(repeating: "executed 0", count: 20)) }
        cluster.expectAgreement()
    }

    @Test("a client moves from one replica to another with its session")
    func move() throws {
        let cluster = try TestCluster.serving()
        let (from, to) = (cluster.replicas[0], cluster.replicas[1])
        let session = from.session
        from.submit(.create) { $0.append(createRequest: "/e", data: nil, mode: .ephemeral) }
        cluster.settle()
        to.attach(session)
        cluster.wait("the session") { to.session == session }
        #expect(from.sessionEvents.last == .moved)
        to.create("/after")
        cluster.settle()
        #expect(to.replies == ["executed 0"])
        from.create("/refused")
        cluster.settle()
        #expect(!to.has("/refused"))
    }

    @Test("an attempt to attach that turns up twice is not taken for the answer to the next one")
    func repeatedAttempt() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        let others = cluster.replicas.filter { $0 !== leader }
        let (from, to) = (others[0], others[1])
        let session = from.session
        var attempts: [[UInt8]] = []
        cluster.loses = { sender, _, body in
            guard sender == to.identity.replica, case .forward? = try? PeerWire.decode(body.span.bytes).message else {
                return false
            }
            attempts.append(body)
            return true
        }
        to.attach(session)
        cluster.settle()
        leader.attach(session)
        cluster.wait("the session") { leader.session == session }
        let first = try #require(attempts.first)
        for _ in 0..<2 {
            try leader.engine?.receive(first.span.bytes, from: to.identity)
            cluster.settle()
        }
        #expect(!to.sessionEvents.contains(.refused))
        cluster.loses = { _, _, _ in false }
        cluster.wait("the session", milliseconds: 20_000) { to.session == session }
    }

    @Test("a session of which no replica hears ends, and its ephemerals go; one that is heard of anywhere lives")
    func expiry() throws {
        let cluster = try TestCluster.serving()
        for replica in cluster.replicas {
            replica.submit(.create) {
                $0.append(
                    createRequest: "/e\(replica.identity.replica.rawValue)", data: nil, mode: .ephemeral)
            }
        }
        cluster.settle()
        let kept = try #require(cluster.replicas.first { $0 !== cluster.leader })
        for _ in 0..<30 {
            cluster.pass(milliseconds: 500)
            kept.engine?.touch(kept.session)
        }
        cluster.settle()
        for replica in cluster.replicas {
            let number = replica.identity.replica.rawValue
            #expect(kept.has("/e\(number)") == (replica === kept))
        }
        cluster.expectAgreement()
    }

    @Test("an observer serves clients and has no vote")
    func observer() throws {
        let cluster = try TestCluster.serving(count: 3, observers: 1)
        let observer = cluster.replicas[3]
        observer.create("/o")
        cluster.settle()
        #expect(observer.replies == ["executed 0"])
        cluster.expectAgreement()
        let leader = try #require(cluster.leader)
        let third = try #require(cluster.replicas.dropLast().last { $0 !== leader })
        // Two voters of three are a quorum; one voter and the observer are none.
        cluster.isolated = Set(cluster.replicas.dropLast().map(\.identity.replica))
            .subtracting([leader.identity.replica])
        observer.forgetReplies()
        observer.create("/p")
        cluster.settle()
        #expect(observer.replies.isEmpty)
        cluster.isolated.remove(third.identity.replica)
        cluster.wait("the write") { observer.replies == ["executed 0"] }
    }

    @Test("the lead is handed over, and writes under way are answered once")
    func handOver() throws {
        let cluster = try TestCluster.serving()
        let leader = try #require(cluster.leader)
        for replica in cluster.replicas {
            for number in 0..<5 { replica.create("/\(replica.identity.replica.rawValue)-\(number)") }
        }
        leader.engine?.transferLeadership()
        cluster.wait("another leader") { cluster.leader != nil && cluster.leader !== leader }
        cluster.wait("answers") { cluster.replicas.allSatisfy { $0.replies.count == 5 } }
        for replica in cluster.replicas { #expect(replica.replies == Array(repeating: "executed 0", count: 5)) }
        cluster.expectAgreement()
    }
}
