import Consensus
import CoreTypes
import Testing

@testable import ReplicaEngine

/// Several engines on one thread, with a network that loses nothing that it is not told to lose.
final class TestCluster {
    private(set) var replicas: [TestReplica] = []
    private(set) var now: Tick
    /// Messages from or to these are lost.
    var isolated: Set<ReplicaID> = []
    /// Decides about each message besides.
    var loses: (_ sender: ReplicaID, _ receiver: ReplicaID, _ body: [UInt8]) -> Bool = { _, _, _ in false }
    private(set) var messageCount = 0

    init(
        count: Int, observers: Int = 0, digestPeriodSlotCount: UInt64 = 8,
        adjust: @escaping (inout EngineOptions) -> Void = { _ in }
    ) throws {
        let identities = (1...(count + observers)).map { number in
            ReplicaIdentity(
                replica: ReplicaID(rawValue: UInt8(number)),
                incarnation: Incarnation(Identifier128(high: 9, low: UInt64(number))))
        }
        let members = identities.enumerated().map { Member(identity: $1, isVoter: $0 < count) }
        let membership = try #require(Membership(members))
        now = MonotonicTime.start
        replicas = identities.map {
            TestReplica($0, membership, digestPeriodSlotCount: digestPeriodSlotCount)
        }
        for replica in replicas {
            replica.adjust = adjust
            try replica.start(now: now)
        }
    }

    subscript(_ number: UInt8) -> TestReplica { replicas[Int(number) - 1] }

    var leader: TestReplica? { replicas.first { $0.isServing && !isolated.contains($0.identity.replica) } }

    /// Lets everything happen that needs no time to pass.
    ///
    /// - Parameter busy: it gets messages, and does not come to the end of its turn.
    func settle(without busy: TestReplica? = nil) {
        for _ in 0..<200 {
            for replica in replicas where replica !== busy { replica.work() }
            let sent = replicas.flatMap { replica in
                defer { replica.outbox.removeAll() }
                return replica.outbox.map { (replica.identity, $0.receiver, $0.body) }
            }
            if sent.isEmpty { return }
            for (sender, receiver, body) in sent { deliver(body, from: sender, to: receiver) }
        }
        Issue.record("the replicas never come to rest")
    }

    private func deliver(_ body: [UInt8], from sender: ReplicaIdentity, to receiver: ReplicaID) {
        if isolated.contains(sender.replica) || isolated.contains(receiver) { return }
        if loses(sender.replica, receiver, body) || self[receiver.rawValue].isStill { return }
        messageCount += 1
        do {
            try self[receiver.rawValue].engine?.receive(body.span.bytes, from: sender)
        } catch {
            Issue.record("a message cannot be read: \(error)")
        }
    }

    /// Lets time pass, in small steps.
    func pass(milliseconds: UInt64) {
        let end = now.adding(milliseconds: milliseconds)
        while now < end {
            now = now.adding(milliseconds: 10)
            for replica in replicas where !replica.isStill { replica.engine?.tick(now: now) }
            settle()
        }
    }

    /// Lets time pass until something is so.
    func wait(_ what: String, milliseconds: UInt64 = 5_000, until condition: () -> Bool) {
        settle()
        let end = now.adding(milliseconds: milliseconds)
        while !condition(), now < end { pass(milliseconds: 10) }
        if !condition() { Issue.record("not within \(milliseconds) ms: \(what); \(description)") }
    }

    /// What the replicas are at, for whoever reads that something went wrong.
    var description: String {
        replicas.map { replica in
            guard let engine = replica.engine else { return "\(replica.identity.replica.rawValue) is dead" }
            return "\(replica.identity.replica.rawValue): \(engine.roleState), chosen \(engine.chosenSlot.rawValue), "
                + "applied \(engine.appliedSlot.rawValue), damaged \(engine.counters.damagedSlots), "
                + "retained from \(engine.consensus.firstRetainedSlot.rawValue)"
        }.joined(separator: "; ")
    }

    /// A cluster with a leader, and a session at every replica.
    static func serving(
        count: Int = 3, observers: Int = 0, digestPeriodSlotCount: UInt64 = 8,
        adjust: @escaping (inout EngineOptions) -> Void = { _ in }
    ) throws -> TestCluster {
        let cluster = try TestCluster(
            count: count, observers: observers, digestPeriodSlotCount: digestPeriodSlotCount, adjust: adjust)
        cluster.wait("a leader") { cluster.leader != nil }
        for replica in cluster.replicas { replica.open() }
        cluster.wait("sessions") { cluster.replicas.allSatisfy { $0.session != .none } }
        return cluster
    }

    /// All replicas hold the same tree.
    func expectAgreement() {
        pass(milliseconds: 500)
        let slots = Set(replicas.compactMap { $0.engine?.appliedSlot })
        let digests = Set(replicas.compactMap { $0.digest.map { "\($0)" } })
        #expect(slots.count == 1, "slots \(slots)")
        #expect(digests.count == 1, "digests \(digests)")
    }
}
