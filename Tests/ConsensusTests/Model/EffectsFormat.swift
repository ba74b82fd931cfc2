import Consensus
import CoreTypes

/// How transcripts spell things: ballots as round.replica, values by name, tokens with #.
extension Ballot {
    var text: String { self == .none ? "none" : "\(round).\(replica.rawValue)" }
}

extension ValueDescriptor {
    /// A value named by one letter.
    static func named(_ name: Character, byteCount: UInt32 = 10) -> ValueDescriptor {
        .number(UInt64(name.asciiValue ?? 63), byteCount: byteCount)
    }

    var text: String {
        switch kind {
        case .noOp: "noop"
        case .membership:
            "readmit(\(readmitted.replica.rawValue) life \(readmitted.incarnation.value.low))"
        case .commands:
            checksum < 128 ? String(Character(UnicodeScalar(UInt8(checksum)))) : "value\(checksum)"
        }
    }
}

extension SlotRange {
    var text: String { first == last ? "\(first.rawValue)" : "\(first.rawValue)-\(last.rawValue)" }
}

extension RoleState {
    var text: String {
        switch self {
        case .follower(let leader, let ballot):
            leader == .none ? "follower, no leader" : "follower of \(leader.rawValue) in \(ballot.text)"
        case .candidate(let ballot): "candidate of \(ballot.text)"
        case .leader(let ballot, let isServing): "leader of \(ballot.text)\(isServing ? ", serving" : "")"
        }
    }
}

extension PersistRecord {
    var text: String {
        switch self {
        case .promise(let ballot): "promise \(ballot.text)"
        case .accept(let accept):
            "accept \(accept.slot.rawValue) \(accept.ballot.text) \(accept.value.text)"
                + (accept.source == accept.ballot ? "" : " (held as \(accept.source.text))")
        case .chosen(let slot): "chosen through \(slot.rawValue)"
        }
    }
}

extension Promise {
    var text: String {
        let reported = entries.map {
            "\($0.slot.rawValue) \($0.ballot.text) \($0.value.text)\($0.isWhole ? "" : " faulty")"
        }
        let lost = unknown.map { "\($0.text) unknown" }
        return "promise \(ballot.text), chosen through \(chosenThrough.rawValue)"
            + (reported + lost).map { "; \($0)" }.joined()
    }
}

extension Message {
    var text: String {
        switch self {
        case .preVote(let ballot, let slot): "preVote \(ballot.text), chosen through \(slot.rawValue)"
        case .preVoteReply(let ballot, let isGranted, _): "preVote \(ballot.text) \(isGranted ? "granted" : "denied")"
        case .prepare(let ballot, let slot): "prepare \(ballot.text) from slot \(slot.rawValue)"
        case .promise(let promise): promise.text
        case .reject(let ballot): "reject, promised \(ballot.text)"
        case .lead(let ballot): "lead after \(ballot.text)"
        case .accept(let accept):
            "accept \(accept.slot.rawValue) \(accept.ballot.text) \(accept.value.text), chosen through "
                + "\(accept.chosenThrough.rawValue)"
        case .accepted(let ballot, let first, let last):
            "accepted \(SlotRange(first: first, last: last).text) \(ballot.text)"
        case .chosen(let ballot, let slot): "chosen through \(slot.rawValue) says \(ballot.text)"
        case .heartbeat(let heartbeat):
            "heartbeat \(heartbeat.round) of \(heartbeat.ballot.text), chosen through \(heartbeat.chosenThrough.rawValue)"
        case .heartbeatReply(let ballot, let round, _): "heartbeat \(round) of \(ballot.text) answered"
        default: laterText
        }
    }

    private var laterText: String {
        switch self {
        case .fetch(let first, let last): "fetch \(SlotRange(first: first, last: last).text)"
        case .learn(let value):
            "learn \(value.slot.rawValue) \(value.ballot.text) \(value.value.text)\(value.isLast ? " (last)" : "")"
        case .unavailable(let slot): "unavailable, log begins at \(slot.rawValue)"
        case .fetchAccepted(let first, let last): "fetch accepted \(SlotRange(first: first, last: last).text)"
        case .held(let slot, let ballot, let value): "held \(slot.rawValue) \(ballot.text) \(value.text)"
        case .readIndex(let token, let ballot): "read \(token.rawValue) in \(ballot.text)"
        case .readIndexReply(let token, _, let slot):
            "read \(token.rawValue) " + (slot.map { "at \($0.rawValue)" } ?? "failed")
        default: "\(self)"
        }
    }
}

extension Effects {
    /// One line for each effect, in the order in which the shell carries them out.
    var lines: [String] {
        var lines: [String] = []
        let first = persistThrough.rawValue + 1 - UInt64(persist.count)
        for (offset, record) in persist.enumerated() {
            lines.append("persist #\(first + UInt64(offset)) \(record.text)")
        }
        for envelope in send { lines.append("to \(envelope.receiver.rawValue): \(envelope.message.text)") }
        for deferred in sendAfterPersist {
            let envelope = deferred.envelope
            lines.append("after #\(deferred.after.rawValue) to \(envelope.receiver.rawValue): \(envelope.message.text)")
        }
        if let role { lines.append("role \(role.text)") }
        if let chosenThrough { lines.append("chosen through \(chosenThrough.rawValue)") }
        for request in serve { lines.append("serve \(request.slots.text) to \(request.receiver.rawValue)") }
        for answer in readAnswers {
            lines.append("read \(answer.token.rawValue) " + (answer.slot.map { "at \($0.rawValue)" } ?? "failed"))
        }
        if let snapshotNeed {
            lines.append(
                "needs a snapshot of \(snapshotNeed.peer.rawValue), log begins at \(snapshotNeed.firstSlot.rawValue)")
        }
        for slot in divergences { lines.append("diverges in \(slot.rawValue)") }
        return lines
    }
}
