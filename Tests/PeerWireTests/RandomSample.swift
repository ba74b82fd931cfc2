import Consensus
import CoreTypes

@testable import PeerWire

/// Messages of which every field may be anything that fits.
struct RandomSample {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Small numbers and large ones alike.
    private mutating func number() -> UInt64 { random.next() >> UInt64.random(in: 0...63, using: &random) }
    private mutating func flag() -> Bool { Bool.random(using: &random) }
    private mutating func slot() -> Slot { Slot(rawValue: number()) }

    private mutating func name() -> SnapshotName {
        SnapshotName(slot: slot(), byteCount: number(), checksum: number())
    }

    private mutating func ballot() -> Ballot {
        Ballot(round: number(), replica: ReplicaID(rawValue: UInt8(truncatingIfNeeded: random.next())))
    }

    private mutating func slots() -> SlotRange {
        let first = number()
        return SlotRange(
            first: Slot(rawValue: first), last: Slot(rawValue: UInt64.random(in: first ... .max, using: &random)))
    }

    private mutating func value() -> ValueDescriptor {
        if flag() { return .noOp }
        return ValueDescriptor(
            byteCount: UInt32.random(in: 0...300, using: &random), checksum: number(),
            commandCount: UInt32(truncatingIfNeeded: number()), kind: flag() ? .commands : .membership)
    }

    mutating func bytes(_ count: UInt32) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func promise() -> Promise {
        var promise = Promise(ballot: ballot(), chosenThrough: slot(), entries: [], unknown: [])
        for _ in 0..<Int.random(in: 0...9, using: &random) {
            promise.entries.append(PromiseEntry(slot: slot(), ballot: ballot(), value: value(), isWhole: flag()))
        }
        for _ in 0..<Int.random(in: 0...4, using: &random) { promise.unknown.append(slots()) }
        return promise
    }

    mutating func next() -> Sample {
        let kinds = PeerMessageKind.allCases
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
        switch kind {
        case .forward:
            let commandCount = UInt32.random(in: 0...8_192, using: &random)
            let byteCount = UInt32.random(in: 0...500, using: &random)
            return Sample(.forward(commandCount: commandCount), bytes(byteCount))
        case .touches:
            let count = UInt32.random(in: 0...40, using: &random)
            return Sample(.touches(count: count), bytes(8 * count))
        case .digest: return Sample(.digest(slot: slot(), digest: number()))
        case .formation: return Sample(.formation, [1, 2, 3])
        case .fetchSnapshot: return Sample(.fetchSnapshot(after: slot(), name(), offset: number()))
        case .snapshotPiece: return Sample(.snapshotPiece(name(), offset: number()), [1, 2, 3])
        case .admission: return Sample(.admission)
        default:
            let message = message(kind)
            return Sample(.consensus(message), bytes(message.payloadByteCount))
        }
    }

    private mutating func message(_ kind: PeerMessageKind) -> Message {
        let range = slots()
        switch kind {
        case .preVote: return .preVote(ballot: ballot(), chosenThrough: slot())
        case .preVoteReply: return .preVoteReply(ballot: ballot(), isGranted: flag(), promised: ballot())
        case .prepare: return .prepare(ballot: ballot(), firstSlot: slot())
        case .promise: return .promise(promise())
        case .reject: return .reject(promised: ballot())
        case .lead: return .lead(ballot: ballot())
        case .accept:
            return .accept(Accept(ballot: ballot(), slot: slot(), value: value(), chosenThrough: slot()))
        case .accepted: return .accepted(ballot: ballot(), first: range.first, last: range.last)
        case .chosen: return .chosen(ballot: ballot(), through: slot())
        case .heartbeat:
            return .heartbeat(
                Heartbeat(
                    ballot: ballot(), round: number(), chosenThrough: slot(), confirmedTick: Tick(rawValue: number())))
        case .heartbeatReply:
            return .heartbeatReply(ballot: ballot(), round: number(), tick: Tick(rawValue: number()))
        case .fetch: return .fetch(first: range.first, last: range.last)
        case .learn: return .learn(ChosenValue(slot: slot(), ballot: ballot(), value: value(), isLast: flag()))
        case .unavailable: return .unavailable(firstSlot: slot())
        case .fetchAccepted: return .fetchAccepted(first: range.first, last: range.last)
        case .held: return .held(slot: slot(), ballot: ballot(), value: value())
        case .readIndex: return .readIndex(token: ReadToken(rawValue: number()), ballot: ballot())
        case .readIndexReply, .forward, .touches, .digest, .formation, .fetchSnapshot, .snapshotPiece, .admission:
            return .readIndexReply(
                token: ReadToken(rawValue: number()), ballot: ballot(), slot: flag() ? slot() : nil)
        }
    }
}
