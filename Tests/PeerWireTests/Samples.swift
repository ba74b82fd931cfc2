import Consensus
import CoreTypes

@testable import PeerWire

/// A message and its payload.
struct Sample: Hashable {
    var message: PeerMessage
    var payload: [UInt8] = []

    init(_ message: PeerMessage, _ payload: [UInt8] = []) {
        self.message = message
        self.payload = payload
    }

    /// The frame body.
    var encoded: [UInt8] {
        let builder = ByteBuilder()
        PeerWire.append(message, payload: payload.span.bytes, to: builder)
        return Sample.array(builder.bytes)
    }

    /// What a frame body holds.
    init(decoding body: [UInt8]) throws(PeerWireError) {
        let (message, payloadOffset) = try PeerWire.decode(body.span.bytes)
        self.init(message, [UInt8](body[payloadOffset...]))
    }

    static func array(_ span: RawSpan) -> [UInt8] { span.withUnsafeBytes { [UInt8]($0) } }
}

extension Sample {
    private static let ballot = Ballot(round: 0x0102_0304_0506_0708, replica: ReplicaID(rawValue: 9))
    private static let later = Ballot(round: 0x1112_1314_1516_1718, replica: ReplicaID(rawValue: 25))
    private static let value = ValueDescriptor(
        byteCount: 5, checksum: 0x2122_2324_2526_2728, commandCount: 2, kind: .commands)
    private static let bytes: [UInt8] = [0xB0, 0xB1, 0xB2, 0xB3, 0xB4]

    private static let snapshot = SnapshotName(
        slot: slot(22), byteCount: 0x9192_9394, checksum: 0xA1A2_A3A4_A5A6_A7A8)

    private static func slot(_ number: UInt64) -> Slot { Slot(rawValue: 0x3132_3334_3536_3700 + number) }

    /// One of every kind, and of every form of a kind.
    static let all: [(name: String, sample: Sample)] = elections + replication + repair + engines

    private static let elections: [(name: String, sample: Sample)] = [
        ("preVote", Sample(.consensus(.preVote(ballot: ballot, chosenThrough: slot(1))))),
        ("preVoteReply", Sample(.consensus(.preVoteReply(ballot: ballot, isGranted: true, promised: later)))),
        ("prepare", Sample(.consensus(.prepare(ballot: ballot, firstSlot: slot(2))))),
        (
            "promise",
            Sample(
                .consensus(
                    .promise(
                        Promise(
                            ballot: ballot, chosenThrough: slot(3),
                            entries: [
                                PromiseEntry(slot: slot(4), ballot: later, value: value, isWhole: true),
                                PromiseEntry(slot: slot(5), ballot: ballot, value: .noOp, isWhole: false),
                            ], unknown: [SlotRange(first: slot(6), last: slot(7))]))))
        ),
        (
            "promiseOfNothing",
            Sample(.consensus(.promise(Promise(ballot: ballot, chosenThrough: .none, entries: [], unknown: []))))
        ),
        ("reject", Sample(.consensus(.reject(promised: later)))),
        ("lead", Sample(.consensus(.lead(ballot: ballot)))),
    ]

    private static let replication: [(name: String, sample: Sample)] = [
        (
            "accept",
            Sample(
                .consensus(.accept(Accept(ballot: ballot, slot: slot(8), value: value, chosenThrough: slot(7)))), bytes)
        ),
        (
            "acceptNoOp",
            Sample(.consensus(.accept(Accept(ballot: ballot, slot: slot(8), value: .noOp, chosenThrough: slot(7)))))
        ),
        ("accepted", Sample(.consensus(.accepted(ballot: ballot, first: slot(9), last: slot(10))))),
        ("chosen", Sample(.consensus(.chosen(ballot: ballot, through: slot(11))))),
        (
            "heartbeat",
            Sample(
                .consensus(
                    .heartbeat(
                        Heartbeat(
                            ballot: ballot, round: 0x41, chosenThrough: slot(12), confirmedTick: Tick(rawValue: 0x42))))
            )
        ),
        (
            "heartbeatReply",
            Sample(.consensus(.heartbeatReply(ballot: ballot, round: 0x41, tick: Tick(rawValue: 0x43))))
        ),
    ]

    private static let repair: [(name: String, sample: Sample)] = [
        ("fetch", Sample(.consensus(.fetch(first: slot(13), last: slot(14))))),
        (
            "learn",
            Sample(.consensus(.learn(ChosenValue(slot: slot(15), ballot: later, value: value, isLast: true))), bytes)
        ),
        ("unavailable", Sample(.consensus(.unavailable(firstSlot: slot(16))))),
        ("fetchAccepted", Sample(.consensus(.fetchAccepted(first: slot(17), last: slot(17))))),
        ("held", Sample(.consensus(.held(slot: slot(18), ballot: ballot, value: value)), bytes)),
        (
            "heldMembership",
            Sample(
                .consensus(
                    .held(
                        slot: slot(18), ballot: ballot,
                        value: ValueDescriptor(byteCount: 5, checksum: 1, commandCount: 1, kind: .membership))), bytes)
        ),
        ("readIndex", Sample(.consensus(.readIndex(token: ReadToken(rawValue: 0x51), ballot: ballot)))),
        (
            "readIndexReply",
            Sample(.consensus(.readIndexReply(token: ReadToken(rawValue: 0x51), ballot: ballot, slot: slot(19))))
        ),
        (
            "readIndexRefused",
            Sample(.consensus(.readIndexReply(token: ReadToken(rawValue: 0x51), ballot: later, slot: nil)))
        ),
    ]

    private static let engines: [(name: String, sample: Sample)] = [
        ("forward", Sample(.forward(commandCount: 3), bytes)),
        ("touches", Sample(.touches(count: 2), [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18])),
        ("touchesOfNone", Sample(.touches(count: 0))),
        ("digest", Sample(.digest(slot: slot(20), digest: 0x7172_7374_7576_7778))),
        ("formation", Sample(.formation, [1, 2, 3])),
        ("fetchSnapshot", Sample(.fetchSnapshot(after: slot(21), snapshot, offset: 0x8182))),
        ("fetchAnySnapshot", Sample(.fetchSnapshot(after: slot(21), .none, offset: 0))),
        ("snapshotPiece", Sample(.snapshotPiece(snapshot, offset: 0x8182), bytes)),
        ("noSnapshot", Sample(.snapshotPiece(.none, offset: 0))),
        ("admission", Sample(.admission)),
    ]
}
