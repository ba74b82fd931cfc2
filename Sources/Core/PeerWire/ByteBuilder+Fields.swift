internal import Consensus
internal import CoreTypes

/// The fields of messages, written. `PeerFieldReader` reads them, in the same order.
extension ByteBuilder {
    func append(fieldsOf message: Message) {
        switch message {
        case .preVote(let ballot, let slot), .prepare(let ballot, let slot), .chosen(let ballot, let slot):
            append(ballot)
            append(slot)
        case .preVoteReply(let ballot, let isGranted, let promised):
            append(ballot)
            append(isGranted)
            append(promised)
        case .promise(let promise): append(promise)
        case .reject(let ballot), .lead(let ballot): append(ballot)
        case .accept(let accept):
            append(accept.ballot)
            append(accept.slot)
            append(accept.value)
            append(accept.chosenThrough)
        case .accepted(let ballot, let first, let last):
            append(ballot)
            append(first)
            append(last)
        case .heartbeat(let heartbeat):
            append(heartbeat.ballot)
            append(littleEndian: heartbeat.round)
            append(heartbeat.chosenThrough)
            append(littleEndian: heartbeat.confirmedTick.rawValue)
        case .heartbeatReply(let ballot, let round, let tick):
            append(ballot)
            append(littleEndian: round)
            append(littleEndian: tick.rawValue)
        case .fetch(let first, let last), .fetchAccepted(let first, let last):
            append(first)
            append(last)
        case .learn(let chosen):
            append(chosen.slot)
            append(chosen.ballot)
            append(chosen.value)
            append(chosen.isLast)
        case .unavailable(let slot): append(slot)
        case .held(let slot, let ballot, let value):
            append(slot)
            append(ballot)
            append(value)
        case .readIndex(let token, let ballot):
            append(littleEndian: token.rawValue)
            append(ballot)
        case .readIndexReply(let token, let ballot, let slot):
            append(littleEndian: token.rawValue)
            append(ballot)
            append(slot != nil)
            append(slot ?? .none)
        }
    }

    func append(_ name: SnapshotName) {
        append(name.slot)
        append(littleEndian: name.byteCount)
        append(littleEndian: name.checksum)
    }

    private func append(_ promise: Promise) {
        append(promise.ballot)
        append(promise.chosenThrough)
        append(littleEndian: UInt32(truncatingIfNeeded: promise.entries.count))
        append(littleEndian: UInt32(truncatingIfNeeded: promise.unknown.count))
        for entry in promise.entries {
            append(entry.slot)
            append(entry.ballot)
            append(entry.value)
            append(entry.isWhole)
        }
        for range in promise.unknown {
            append(range.first)
            append(range.last)
        }
    }

    private func append(_ ballot: Ballot) {
        append(littleEndian: ballot.round)
        append(littleEndian: ballot.replica.rawValue)
    }

    private func append(_ slot: Slot) { append(littleEndian: slot.rawValue) }

    private func append(_ value: ValueDescriptor) {
        append(littleEndian: value.checksum)
        append(littleEndian: value.byteCount)
        append(littleEndian: value.commandCount)
        append(littleEndian: value.kind.rawValue)
    }

    private func append(_ flag: Bool) { append(littleEndian: UInt8(flag ? 1 : 0)) }
}
