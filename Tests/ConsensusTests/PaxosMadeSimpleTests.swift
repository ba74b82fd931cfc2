import Consensus
import CoreTypes
import Testing

/// One test for each claim of Lamport, *Paxos Made Simple* (2001), that an implementation must honour.
@Suite struct PaxosMadeSimpleTests {
    @Test("P1: an acceptor must accept the first proposal that it receives (section 2.1)")
    func acceptsTheFirst() {
        var replica = SingleReplica()
        let effects = replica.receive(SingleReplica.accept(1, .of(1, 2), "A"), from: 2)
        #expect(effects.acceptedValues == [.named("A")])
        #expect(effects.messages == [.accepted(ballot: .of(1, 2), first: 1, last: 1)])
    }

    @Test("P1a: it accepts a proposal exactly if it has not answered a prepare with a higher number (section 2.2)")
    func keepsPromises() {
        var replica = SingleReplica()
        replica.receive(.prepare(ballot: .of(2, 3), firstSlot: 1), from: 3)
        let low = replica.receive(SingleReplica.accept(1, .of(1, 2), "A"), from: 2)
        #expect(low.persist.isEmpty)
        #expect(low.messages == [.reject(promised: .of(2, 3))])
        let equal = replica.receive(SingleReplica.accept(1, .of(2, 3), "B"), from: 3)
        #expect(equal.acceptedValues == [.named("B")])
        let high = replica.receive(SingleReplica.accept(1, .of(3, 2), "C"), from: 2)
        #expect(high.acceptedValues == [.named("C")])
    }

    @Test("phase 1b: a promise reports the proposal with the highest number that was accepted (section 2.2)")
    func reportsTheHighest() {
        var replica = SingleReplica()
        replica.receive(SingleReplica.accept(1, .of(1, 2), "A"), from: 2)
        replica.receive(SingleReplica.accept(1, .of(2, 3), "B"), from: 3)
        replica.receive(SingleReplica.accept(3, .of(2, 3), "C"), from: 3)
        let effects = replica.receive(.prepare(ballot: .of(3, 2), firstSlot: 1), from: 2)
        let entries = [
            PromiseEntry(slot: 1, ballot: .of(2, 3), value: .named("B"), isWhole: true),
            PromiseEntry(slot: 3, ballot: .of(2, 3), value: .named("C"), isWhole: true),
        ]
        let promise = Promise(ballot: .of(3, 2), chosenThrough: .none, entries: entries, unknown: [])
        #expect(effects.messages == [.promise(promise)])
    }

    @Test("an acceptor need not answer a prepare with a lower number, and had better say so (section 2.2)")
    func rejectsLowPrepare() {
        var replica = SingleReplica()
        replica.receive(.prepare(ballot: .of(5, 3), firstSlot: 1), from: 3)
        let effects = replica.receive(.prepare(ballot: .of(4, 2), firstSlot: 1), from: 2)
        #expect(effects.persist.isEmpty)
        #expect(effects.messages == [.reject(promised: .of(5, 3))])
    }

    @Test("P2c, phase 2a: the value proposed is that of the highest-numbered proposal among the answers (section 2.2)")
    func proposesTheHighest() {
        var replica = SingleReplica()
        replica.receive(SingleReplica.accept(1, .of(1, 2), "A"), from: 2)
        replica.persistAll()
        let higher = PromiseEntry(slot: 1, ballot: .of(1, 3), value: .named("B"), isWhole: true)
        let ballot = replica.lead(with: [higher])
        replica.receive(.held(slot: 1, ballot: .of(1, 3), value: .named("B")), from: 2)
        #expect(replica.effects.acceptedValues == [.named("B")])
        var other = SingleReplica()
        other.receive(SingleReplica.accept(1, .of(3, 2), "A"), from: 2)
        other.persistAll()
        other.lead(with: [higher])
        #expect(other.effects.acceptedValues == [.named("A")])
        #expect(ballot.replica == ReplicaID(rawValue: 1))
    }

    @Test("P2c, phase 2a: any value may be proposed if the answers report none (section 2.2)")
    func isFreeOtherwise() {
        var replica = SingleReplica()
        replica.lead()
        #expect(replica.core.isServing)
        #expect(replica.step(.propose(.named("Z"))).acceptedValues == [.named("Z")])
    }

    @Test("a value is chosen when a majority of acceptors has accepted it, and not before (section 2.1)")
    func choosesByMajority() {
        var replica = SingleReplica()
        let ballot = replica.lead()
        replica.step(.propose(.named("A")))
        #expect(replica.persistAll().chosenThrough == nil)
        let effects = replica.receive(.accepted(ballot: ballot, first: 1, last: 1), from: 3)
        #expect(effects.chosenThrough == Slot(rawValue: 1))
    }

    @Test("a proposer abandons a proposal when another one has begun to issue a higher-numbered one (section 2.2)")
    func abandons() {
        var replica = SingleReplica()
        replica.lead()
        replica.receive(.reject(promised: .of(9, 3)), from: 3)
        #expect(!replica.core.isLeader)
        #expect(replica.step(.propose(.named("A"))).persist.isEmpty)
    }

    @Test("learners are told by a distinguished learner, here the leader; others find out by asking (section 2.3)")
    func learnersAreTold() {
        var replica = SingleReplica()
        replica.receive(SingleReplica.accept(1, .of(1, 2), "A"), from: 2)
        #expect(replica.receive(.chosen(ballot: .of(1, 2), through: 1), from: 2).chosenThrough == Slot(rawValue: 1))
        let asks = replica.receive(.chosen(ballot: .of(1, 2), through: 2), from: 2)
        #expect(asks.messages == [.fetch(first: 2, last: 2)])
    }

    @Test("to guarantee progress, a distinguished proposer is selected, by real time (section 2.4)")
    func electsByTime() {
        var replica = SingleReplica()
        replica.receive(SingleReplica.accept(1, .of(1, 2), "A"), from: 2)
        #expect(replica.step(.tick(Tick(rawValue: 300))).isEmpty)
        let effects = replica.step(.tick(Tick(rawValue: 500)))
        #expect(effects.messages.count == 2)
        #expect(effects.messages.first == .preVote(ballot: .of(2, 1), chosenThrough: .none))
    }

    @Test("an acceptor records its response in stable storage before actually sending it (section 2.5)")
    func recordsBeforeSending() {
        var replica = SingleReplica()
        let promise = replica.receive(.prepare(ballot: .of(1, 2), firstSlot: 1), from: 2)
        #expect(promise.persist == [.promise(.of(1, 2))])
        #expect(promise.send.isEmpty)
        #expect(promise.sendAfterPersist.map(\.after) == [promise.persistThrough])
        let accept = replica.receive(SingleReplica.accept(1, .of(1, 2), "A"), from: 2)
        #expect(accept.persist.count == 1 && accept.send.isEmpty)
        #expect(accept.sendAfterPersist.map(\.after) == [accept.persistThrough])
    }

    @Test("a proposer remembers the highest number it has tried and begins with a higher one (section 2.5)")
    func numbersRise() {
        var replica = SingleReplica({ $0.promised = .of(7, 1) })
        let effects = replica.step(.campaign)
        #expect(effects.persist == [.promise(.of(8, 1))])
        #expect(effects.send.isEmpty, "nothing leaves before the number is in stable storage")
        #expect(effects.sendAfterPersist.map(\.after) == [effects.persistThrough, effects.persistThrough])
    }

    @Test(
        "no two proposals are ever issued with the same number: different proposers have different ones (section 2.5)")
    func numbersDiffer() {
        #expect(Ballot.of(3, 1) != Ballot.of(3, 2))
        #expect(Ballot.of(3, 1) < Ballot.of(3, 2))
        #expect(Ballot.of(3, 9) < Ballot.of(4, 1))
    }

    @Test("one message does phase 1 for infinitely many instances (section 3)")
    func onePhaseOne() {
        var replica = SingleReplica()
        let effects = replica.step(.campaign)
        #expect(effects.messages == Array(repeating: .prepare(ballot: .of(1, 1), firstSlot: 1), count: 2))
        replica.persistAll()
        let none = Promise(ballot: .of(1, 1), chosenThrough: .none, entries: [], unknown: [])
        replica.receive(.promise(none), from: 2)
        for slot in 1...20 {
            let proposed = replica.step(.propose(.number(UInt64(slot))))
            #expect(proposed.acceptedValues.count == 1)
            #expect(!proposed.messages.contains { if case .prepare = $0 { true } else { false } })
        }
    }

    @Test("a new leader fills gaps with no-ops (section 3)")
    func fillsGaps() {
        var replica = SingleReplica()
        for (slot, name) in [(Slot(rawValue: 1), Character("A")), (Slot(rawValue: 4), "D")] {
            replica.receive(SingleReplica.accept(slot, .of(1, 2), name), from: 2)
        }
        replica.persistAll()
        replica.lead()
        #expect(replica.effects.acceptedValues == [.named("A"), .noOp, .noOp, .named("D")])
        #expect(!replica.core.isServing)
    }

    @Test("a leader proposes up to alpha commands ahead of those chosen and executed (section 3)")
    func windowIsAlpha() {
        var replica = SingleReplica(configure: {
            $0.windowSlotCountMax = 3
            $0.membershipDelaySlotCount = 3
        })
        let ballot = replica.lead()
        for name in ["A", "B", "C"] { #expect(!replica.step(.propose(.named(Character(name)))).persist.isEmpty) }
        #expect(replica.step(.propose(.named("D"))).persist.isEmpty)
        replica.receive(.accepted(ballot: ballot, first: 1, last: 3), from: 2)
        replica.persistAll()
        #expect(replica.step(.propose(.named("D"))).persist.isEmpty, "chosen and not executed")
        replica.step(.applied(through: 1))
        #expect(replica.step(.propose(.named("D"))).acceptedValues == [.named("D")])
    }

    @Test("the servers that execute instance i + alpha are those of the state after instance i (section 3)")
    func membershipIsDelayed() throws {
        var replica = SingleReplica(configure: {
            $0.windowSlotCountMax = 3
            $0.membershipDelaySlotCount = 3
        })
        let ballot = replica.lead()
        replica.step(.propose(.readmission(of: identity(3, life: 2))))
        replica.persistAll()
        replica.receive(.accepted(ballot: ballot, first: 1, last: 1), from: 2)
        let changed = try #require(Membership.voters(3)?.readmitting(identity(3, life: 2)))
        replica.step(.membershipChanged(changed, chosenIn: 1))
        replica.step(.applied(through: 1))
        replica.step(.flush)
        replica.persistAll()
        // Slots 2 and 3, no-ops, are still the old membership's: the new incarnation has no vote there.
        let early = Message.accepted(ballot: ballot, first: 2, last: 3)
        #expect(replica.step(.message(early, from: identity(3, life: 2))).chosenThrough == nil)
        #expect(replica.receive(early, from: 2).chosenThrough == Slot(rawValue: 3))
        replica.step(.applied(through: 3))
        replica.step(.propose(.named("A")))
        replica.persistAll()
        let vote = Message.accepted(ballot: ballot, first: 4, last: 4)
        #expect(replica.receive(vote, from: 3).chosenThrough == nil, "the old incarnation votes no more")
        #expect(replica.step(.message(vote, from: identity(3, life: 2))).chosenThrough == Slot(rawValue: 4))
    }
}
