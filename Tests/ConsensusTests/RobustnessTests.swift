import CoreTypes
import Testing

@testable import Consensus

/// What comes from outside must never stop the process, and what goes out must keep its bounds.
@Suite struct RobustnessTests {
    /// A message whose numbers are drawn from the interesting ones.
    private func anyMessage(_ generator: inout SplitMix64) -> Message {
        let numbers: [UInt64] = [0, 1, 2, 3, 5, 8, 9, 200, 1 << 40, 1 << 62, (1 << 62) + 1, .max - 1, .max]
        func number() -> UInt64 { numbers[Int(generator.next() % UInt64(numbers.count))] }
        func slot() -> Slot { Slot(rawValue: number()) }
        func ballot() -> Ballot { .of(number(), UInt8(generator.next() % 5)) }
        let value = ValueDescriptor.number(generator.next() % 3)
        switch generator.next() % 19 {
        case 0: return .preVote(ballot: ballot(), chosenThrough: slot())
        case 1: return .preVoteReply(ballot: ballot(), isGranted: number() % 2 == 0, promised: ballot())
        case 2: return .prepare(ballot: ballot(), firstSlot: slot())
        case 3:
            let entry = PromiseEntry(slot: slot(), ballot: ballot(), value: value, isWhole: number() % 2 == 0)
            let (first, last) = (slot(), slot())
            let unknown = first <= last ? [SlotRange(first: first, last: last)] : []
            return .promise(Promise(ballot: ballot(), chosenThrough: slot(), entries: [entry], unknown: unknown))
        case 4: return .reject(promised: ballot())
        case 5: return .lead(ballot: ballot())
        case 6, 7: return .accept(Accept(ballot: ballot(), slot: slot(), value: value, chosenThrough: slot()))
        case 8: return .accepted(ballot: ballot(), first: slot(), last: slot())
        case 9: return .chosen(ballot: ballot(), through: slot())
        case 10:
            let tick = Tick(rawValue: number())
            return .heartbeat(
                Heartbeat(ballot: ballot(), round: number(), chosenThrough: slot(), confirmedTick: tick))
        case 11: return .heartbeatReply(ballot: ballot(), round: number(), tick: Tick(rawValue: number()))
        case 12: return .fetch(first: slot(), last: slot())
        case 13: return .learn(ChosenValue(slot: slot(), ballot: ballot(), value: value, isLast: number() % 2 == 0))
        case 14: return .unavailable(firstSlot: slot())
        case 15: return .fetchAccepted(first: slot(), last: slot())
        case 16: return .held(slot: slot(), ballot: ballot(), value: value)
        case 17: return .readIndex(token: ReadToken(rawValue: number()), ballot: ballot())
        default:
            return .readIndexReply(
                token: ReadToken(rawValue: number()), ballot: ballot(), slot: number() % 2 == 0 ? slot() : nil)
        }
    }

    @Test("no sequence of messages stops the process or breaks an invariant", arguments: 1...40)
    func nonsense(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var replica = SingleReplica(configure: {
            $0.windowSlotCountMax = 4
            $0.membershipDelaySlotCount = 4
        })
        for _ in 0..<150 {
            let before = replica.core
            switch generator.next() % 12 {
            case 0: replica.step(.campaign)
            case 1: replica.persistAll()
            case 2: replica.step(.propose(.number(generator.next() % 9)))
            case 3: replica.step(.applied(through: replica.core.chosenThrough))
            case 4: replica.step(.tick(Tick(rawValue: before.now.rawValue + generator.next() % 300)))
            case 5: replica.step(.flush)
            case 6: replica.step(.readIndex(ReadToken(rawValue: generator.next())))
            default:
                let sender = UInt8(generator.next() % 5)
                replica.receive(anyMessage(&generator), from: sender)
            }
            let broken = replica.core.brokenInvariant() ?? replica.core.brokenInvariant(since: before)
            // Peers that lie about what is chosen can make chosen values differ; nothing else may break.
            #expect(broken == nil || broken?.contains("chosen") == true, "seed \(seed)")
        }
    }

    @Test("a peer that acknowledges nothing is sent a bounded number of slots and bytes")
    func flowIsBounded() {
        var replica = SingleReplica(configure: {
            $0.peerSlotCountMax = 3
            $0.peerByteCountMax = 25
        })
        let ballot = replica.lead()
        var sent = 0
        for number in 1...10 {
            let effects = replica.step(.propose(.number(UInt64(number), byteCount: 10)))
            sent += effects.send.filter { $0.receiver == ReplicaID(rawValue: 2) }.count
        }
        #expect(sent == 2, "25 bytes hold two values of 10")
        let more = replica.receive(.accepted(ballot: ballot, first: 1, last: 1), from: 2)
        let slots = more.send.compactMap { envelope -> Slot? in
            if case .accept(let accept) = envelope.message { accept.slot } else { nil }
        }
        #expect(slots == [3])
    }

    @Test("a value larger than every bound goes through alone")
    func largeValue() {
        var replica = SingleReplica(configure: {
            $0.peerByteCountMax = 25
            $0.windowByteCountMax = 25
        })
        replica.lead()
        #expect(replica.step(.propose(.number(1, byteCount: 1_000))).send.count == 2)
        #expect(replica.step(.propose(.number(2, byteCount: 1))).persist.isEmpty)
    }

    @Test("lost accepts are sent again to a peer that lives")
    func resends() {
        var replica = SingleReplica()
        let ballot = replica.lead()
        replica.step(.propose(.named("A")))
        replica.persistAll()
        var resent = 0
        for tick in stride(from: UInt64(20), through: 700, by: 20) {
            replica.step(.tick(Tick(rawValue: tick)))
            resent +=
                replica.effects.send.filter {
                    if case .accept = $0.message { $0.receiver == ReplicaID(rawValue: 2) } else { false }
                }.count
            let round = replica.core.leadership.round
            replica.receive(.heartbeatReply(ballot: ballot, round: round, tick: Tick(rawValue: tick)), from: 2)
        }
        #expect(resent == 1)
    }

    @Test("reads beyond the bound fail at once")
    func readsAreBounded() {
        var replica = SingleReplica(configure: { $0.pendingReadCountMax = 2 })
        replica.lead()
        for token in 1...3 { replica.step(.readIndex(ReadToken(rawValue: UInt64(token)))) }
        #expect(replica.effects.readAnswers == [ReadAnswer(token: ReadToken(rawValue: 3), slot: nil)])
    }

    @Test("a replica knows until when a quorum stood behind its leader, by its own clock")
    func confirmedTick() {
        var leader = SingleReplica()
        let ballot = leader.lead()
        leader.step(.tick(Tick(rawValue: 50)))
        let round = leader.core.leadership.round
        leader.receive(.heartbeatReply(ballot: ballot, round: round, tick: Tick(rawValue: 7_000)), from: 2)
        #expect(leader.core.confirmedTick == Tick(rawValue: 50) || leader.core.confirmedTick == Tick(rawValue: 1))
        leader.step(.tick(Tick(rawValue: 100)))
        leader.receive(.heartbeatReply(ballot: ballot, round: round + 1, tick: Tick(rawValue: 7_050)), from: 2)
        let effects = leader.step(.tick(Tick(rawValue: 150)))
        let told = effects.send.compactMap { envelope -> Tick? in
            guard case .heartbeat(let heartbeat) = envelope.message, envelope.receiver.rawValue == 2 else { return nil }
            return heartbeat.confirmedTick
        }
        #expect(told == [Tick(rawValue: 7_000)], "what replica 2's clock said before the confirmed round began")
    }

    @Test("a message of a replica outside the membership is ignored")
    func strangersAreIgnored() {
        var replica = SingleReplica()
        #expect(replica.receive(.prepare(ballot: .of(1, 9), firstSlot: 1), from: 9).isEmpty)
        #expect(replica.receive(.prepare(ballot: .of(1, 2), firstSlot: 1), from: 3).isEmpty, "another's ballot")
    }
}
