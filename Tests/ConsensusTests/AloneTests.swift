import Consensus
import CoreTypes
import Testing

/// A cluster of one: what the single-node server runs.
@Suite struct AloneTests {
    static func makeReplica(_ change: (inout RecoveredState) -> Void = { _ in }) throws -> ConsensusReplica {
        let membership = try #require(Membership([Member(identity: identity(1), isVoter: true)]))
        var recovered = RecoveredState(memberships: [
            ScheduledMembership(firstSlot: Slot(rawValue: 1), membership: membership)
        ])
        change(&recovered)
        return ConsensusReplica(configuration: Configuration(identity: identity(1), seed: 1), recovered: recovered)
    }

    let value = ValueDescriptor(byteCount: 10, checksum: 1, commandCount: 1)

    @Test("it leads after one durable promise of a higher round, and serves at once")
    func leads() throws {
        var replica = try Self.makeReplica {
            $0.promised = Ballot(round: 4, replica: ReplicaID(rawValue: 1))
            $0.chosenThrough = Slot(rawValue: 9)
            $0.appliedThrough = Slot(rawValue: 9)
        }
        var effects = Effects()
        replica.start(at: Tick(rawValue: 1), into: &effects)
        let ballot = Ballot(round: 5, replica: ReplicaID(rawValue: 1))
        #expect(effects.persist == [.promise(ballot)])
        #expect(effects.send.isEmpty && effects.sendAfterPersist.isEmpty)
        #expect(effects.role == .candidate(ballot))
        #expect(replica.propose(value, into: &effects) == nil)
        let token = effects.persistThrough
        effects.removeAll()
        replica.persisted(through: token, into: &effects)
        #expect(effects.role == .leader(ballot, isServing: true))
        #expect(replica.propose(value, into: &effects) == Slot(rawValue: 10))
    }

    @Test("it serves only when everything accepted before is applied")
    func replayComesFirst() throws {
        var replica = try Self.makeReplica {
            $0.chosenThrough = Slot(rawValue: 9)
            $0.appliedThrough = Slot(rawValue: 3)
        }
        var effects = Effects()
        replica.start(at: Tick(rawValue: 1), into: &effects)
        replica.persisted(through: effects.persistThrough, into: &effects)
        #expect(!replica.isServing)
        #expect(replica.propose(value, into: &effects) == nil)
        replica.applied(through: Slot(rawValue: 9), into: &effects)
        #expect(replica.isServing)
    }

    @Test("nothing is chosen before it is durable")
    func persistsFirst() throws {
        var replica = try Self.makeReplica()
        var effects = Effects()
        replica.start(at: Tick(rawValue: 1), into: &effects)
        replica.persisted(through: effects.persistThrough, into: &effects)
        effects.removeAll()
        #expect(replica.propose(value, into: &effects) == Slot(rawValue: 1))
        let first = effects.persistThrough
        #expect(replica.propose(value, into: &effects) == Slot(rawValue: 2))
        replica.flush(into: &effects)
        #expect(effects.chosenThrough == nil)
        replica.persisted(through: first, into: &effects)
        #expect(effects.chosenThrough == Slot(rawValue: 1))
        replica.persisted(through: effects.persistThrough, into: &effects)
        #expect(effects.chosenThrough == Slot(rawValue: 2))
    }

    @Test("the window is bounded in slots not applied and in bytes not chosen")
    func windowIsBounded() throws {
        var replica = try Self.makeReplica()
        var effects = Effects()
        replica.start(at: Tick(rawValue: 1), into: &effects)
        replica.persisted(through: effects.persistThrough, into: &effects)
        for slot in 1...Limits.windowSlotCountMax {
            #expect(replica.propose(value, into: &effects) == Slot(rawValue: UInt64(slot)))
        }
        #expect(replica.propose(value, into: &effects) == nil)
        replica.persisted(through: effects.persistThrough, into: &effects)
        #expect(replica.propose(value, into: &effects) == nil)
        replica.applied(through: Slot(rawValue: 1), into: &effects)
        #expect(replica.propose(value, into: &effects) != nil)
        replica.persisted(through: effects.persistThrough, into: &effects)
        replica.applied(through: replica.chosenThrough, into: &effects)
        let large = ValueDescriptor(
            byteCount: UInt32(Limits.windowByteCountMax) + 1, checksum: 2, commandCount: 1)
        #expect(replica.propose(large, into: &effects) != nil)
        #expect(replica.propose(value, into: &effects) == nil)
    }

    @Test("a read is confirmed at the end of the turn")
    func reads() throws {
        var replica = try Self.makeReplica {
            $0.chosenThrough = Slot(rawValue: 2)
            $0.appliedThrough = Slot(rawValue: 2)
        }
        var effects = Effects()
        replica.start(at: Tick(rawValue: 1), into: &effects)
        replica.persisted(through: effects.persistThrough, into: &effects)
        replica.readIndex(ReadToken(rawValue: 8), into: &effects)
        #expect(effects.readAnswers.isEmpty)
        replica.flush(into: &effects)
        #expect(effects.readAnswers == [ReadAnswer(token: ReadToken(rawValue: 8), slot: Slot(rawValue: 2))])
    }

    @Test("after its log failed it neither leads nor proposes")
    func storageFailure() throws {
        var replica = try Self.makeReplica()
        var effects = Effects()
        replica.start(at: Tick(rawValue: 1), into: &effects)
        replica.persisted(through: effects.persistThrough, into: &effects)
        #expect(replica.propose(value, into: &effects) != nil)
        effects.removeAll()
        replica.storageFailed(into: &effects)
        #expect(replica.propose(value, into: &effects) == nil)
        replica.tick(Tick(rawValue: 100_000), into: &effects)
        #expect(effects.persist.isEmpty && effects.chosenThrough == nil)
        let ballot = Ballot(round: 1, replica: ReplicaID(rawValue: 1))
        #expect(replica.roleState == .follower(leader: .none, ballot: ballot))
    }
}
