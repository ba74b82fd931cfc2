internal import Consensus
internal import CoreTypes

/// The fields of messages, read, in the order in which `ByteBuilder` writes them.
extension PeerFieldReader {
    /// Kind and fields of a message; what is left is its payload.
    @_lifetime(self: copy self)
    mutating func message() throws(PeerWireError) -> PeerMessage {
        switch try kind() {
        case .forward:
            return .forward(
                commandCount: try count(max: Limits.proposalCommandCountMax))
        case .touches: return .touches(count: try count(max: Limits.sessionCountMax))
        case .digest: return .digest(slot: try slot(), digest: try integer())
        case .formation: return .formation
        case .fetchSnapshot:
            return .fetchSnapshot(after: try slot(), try snapshotName(), offset: try integer())
        case .snapshotPiece: return .snapshotPiece(try snapshotName(), offset: try integer())
        case .admission: return .admission
        case let kind: return .consensus(try message(of: kind))
        }
    }

    @_lifetime(self: copy self)
    private mutating func message(of kind: PeerMessageKind) throws(PeerWireError) -> Message {
        switch kind {
        case .preVote: return .preVote(ballot: try ballot(), chosenThrough: try slot())
        case .preVoteReply:
            return .preVoteReply(ballot: try ballot(), isGranted: try flag(), promised: try ballot())
        case .prepare: return .prepare(ballot: try ballot(), firstSlot: try slot())
        case .promise: return .promise(try promise())
        case .reject: return .reject(promised: try ballot())
        case .lead: return .lead(ballot: try ballot())
        case .accept:
            return .accept(
                Accept(ballot: try ballot(), slot: try slot(), value: try value(), chosenThrough: try slot()))
        case .accepted:
            let ballot = try ballot()
            let slots = try slots()
            return .accepted(ballot: ballot, first: slots.first, last: slots.last)
        case .chosen: return .chosen(ballot: try ballot(), through: try slot())
        case .heartbeat:
            return .heartbeat(
                Heartbeat(
                    ballot: try ballot(), round: try integer(), chosenThrough: try slot(),
                    confirmedTick: Tick(rawValue: try integer())))
        case .heartbeatReply:
            return .heartbeatReply(ballot: try ballot(), round: try integer(), tick: Tick(rawValue: try integer()))
        case .fetch:
            let slots = try slots()
            return .fetch(first: slots.first, last: slots.last)
        case .learn:
            return .learn(
                ChosenValue(slot: try slot(), ballot: try ballot(), value: try value(), isLast: try flag()))
        case .unavailable: return .unavailable(firstSlot: try slot())
        case .fetchAccepted:
            let slots = try slots()
            return .fetchAccepted(first: slots.first, last: slots.last)
        case .held: return .held(slot: try slot(), ballot: try ballot(), value: try value())
        case .readIndex: return .readIndex(token: ReadToken(rawValue: try integer()), ballot: try ballot())
        case .readIndexReply:
            return .readIndexReply(
                token: ReadToken(rawValue: try integer()), ballot: try ballot(), slot: try optionalSlot())
        case .forward, .touches, .digest, .formation, .fetchSnapshot, .snapshotPiece, .admission:
            invariantBroken("no message of consensus", #fileID, #line)
        }
    }

    @_lifetime(self: copy self)
    private mutating func snapshotName() throws(PeerWireError) -> SnapshotName {
        SnapshotName(slot: try slot(), byteCount: try integer(), checksum: try integer())
    }

    private static var entryByteCount: Int { 35 }
    private static var rangeByteCount: Int { 16 }

    @_lifetime(self: copy self)
    private mutating func promise() throws(PeerWireError) -> Promise {
        var promise = Promise(ballot: try ballot(), chosenThrough: try slot(), entries: [], unknown: [])
        let entryCount = Int(try count(max: Limits.promiseEntryCountMax))
        let rangeCount = Int(try count(max: Limits.promiseRangeCountMax))
        // Before anything is reserved: no count may ask for more memory than its bytes take.
        let expected = entryCount * Self.entryByteCount + rangeCount * Self.rangeByteCount
        guard remaining == expected else {
            throw PeerWireError(.payloadByteCount(expected: expected, actual: remaining), offset: offset)
        }
        promise.entries.reserveCapacity(entryCount)
        for _ in 0..<entryCount {
            promise.entries.append(
                PromiseEntry(slot: try slot(), ballot: try ballot(), value: try value(), isWhole: try flag()))
        }
        promise.unknown.reserveCapacity(rangeCount)
        for _ in 0..<rangeCount { promise.unknown.append(try slots()) }
        return promise
    }
}
