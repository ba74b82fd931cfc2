import Checksums
import Consensus
import CoreTypes
import DurableLog
import PeerWire
import ReplicaEngine
import ZooKeeperWire

/// Bugs at the link: messages that a wrong engine would have sent.
extension World {
    /// The value that a message asks to accept.
    func accept(in body: [UInt8]) -> Accept? {
        guard case .consensus(.accept(let accept))? = decode(body)?.message else { return nil }
        return accept
    }

    func decode(_ body: [UInt8]) -> (message: PeerMessage, payloadOffset: Int)? {
        unsafe try? PeerWire.decode(body.span.bytes)
    }

    func encode(_ message: PeerMessage, payload: [UInt8]) -> [UInt8] {
        let builder = ByteBuilder()
        unsafe PeerWire.append(message, payload: payload.span.bytes, to: builder)
        return [UInt8](copying: builder.bytes)
    }

    /// What is sent instead of a message.
    func tampered(_ body: [UInt8], from replica: SimulatedReplica) -> [[UInt8]] {
        guard let mutant = options.mutant, let (message, offset) = decode(body) else { return [body] }
        let payload = Array(body[offset...])
        switch (mutant, message) {
        case (.promiseWithoutEntries, .consensus(.promise(var promise))):
            promise.entries.removeAll()
            return [encode(.consensus(.promise(promise)), payload: payload)]
        case (.chosenEarly, .consensus(.accept(var accept))):
            accept.chosenThrough = accept.slot
            return [encode(.consensus(.accept(accept)), payload: payload)]
        case (.readIndexStale, .consensus(.readIndexReply(let token, let ballot, let slot))):
            guard slot != nil else { return [body] }
            let first = Slot(rawValue: 1)
            return [encode(.consensus(.readIndexReply(token: token, ballot: ballot, slot: first)), payload: payload)]
        case (.learnShifted, .consensus(.learn(var learn))) where generator.oneIn(10):
            learn.slot = learn.slot.next
            return [encode(.consensus(.learn(learn)), payload: payload)]
        case (.readIndexReused, .consensus(.readIndexReply(let token, let ballot, let slot))):
            guard let slot else { return [body] }
            replica.readIndex = replica.readIndex ?? slot
            let reused = Message.readIndexReply(token: token, ballot: ballot, slot: replica.readIndex)
            return [encode(.consensus(reused), payload: payload)]
        case (.servedUnchecked, .consensus(.learn(let learn))) where learn.value.kind != .noOp:
            return [changed(learn, payload)]
        case (.holeAsNoOp, .consensus(.learn(var learn))) where generator.oneIn(10):
            learn.value = .noOp
            return [encode(.consensus(.learn(learn)), payload: [])]
        case (.faultyAsNone, .consensus(.promise(var promise))):
            promise.entries.removeAll { !$0.isWhole }
            promise.unknown.removeAll()
            return [encode(.consensus(.promise(promise)), payload: payload)]
        case (.valueChanged, .consensus(.accept(let accept))) where accept.value.kind != .noOp && generator.oneIn(20):
            return [changed(accept, payload)]
        case (.forwardSwapped, .forward(let count)):
            return [encode(.forward(commandCount: count), payload: swapped(payload))]
        case (.forwardShifted, .forward(let count)) where count > 1 && generator.oneIn(3):
            let shifted = shifted(payload)
            guard shifted.count < payload.count else { return [body] }
            return [encode(.forward(commandCount: count - 1), payload: shifted)]
        default: return [body]
        }
    }

    /// The acceptance goes out before anything was done about it.
    func acceptEarly(_ body: [UInt8], at replica: SimulatedReplica, from sender: SimulatedReplica) {
        guard let accept = accept(in: body) else { return }
        let reply = Message.accepted(ballot: accept.ballot, first: accept.slot, last: accept.slot)
        transmit(encode(.consensus(reply), payload: []), from: replica, to: sender.id)
    }

    /// The same proposal with another stamp, and a checksum that agrees with it.
    private func changed(_ accept: Accept, _ payload: [UInt8]) -> [UInt8] {
        var payload = payload
        payload[8] ^= 1
        var accept = accept
        accept.value.checksum = UInt64(unsafe crc32c(payload.span.bytes))
        return encode(.consensus(.accept(accept)), payload: payload)
    }

    /// A chosen value with another stamp, and a checksum that agrees with it.
    private func changed(_ learn: ChosenValue, _ payload: [UInt8]) -> [UInt8] {
        var payload = payload
        payload[8] ^= 1
        var learn = learn
        learn.value.checksum = UInt64(unsafe crc32c(payload.span.bytes))
        return encode(.consensus(.learn(learn)), payload: payload)
    }

    /// It accepts under a ballot below the one that it promised.
    func acceptForgetful(_ body: [UInt8], at replica: SimulatedReplica, from sender: SimulatedReplica) {
        guard let accept = accept(in: body), let engine = replica.engine,
            accept.ballot < engine.status.log.promised
        else { return }
        let reply = Message.accepted(ballot: accept.ballot, first: accept.slot, last: accept.slot)
        transmit(encode(.consensus(reply), payload: []), from: replica, to: sender.id)
    }

    // MARK: Commands

    /// Where the commands of a batch stand.
    private func commands(_ payload: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var offset = 0
        while offset + 34 <= payload.count {
            let count = (0..<4).reduce(0) { $0 | Int(payload[offset + $1]) << (8 * $1) }
            guard count >= 34, offset + count <= payload.count else { break }
            ranges.append(offset..<(offset + count))
            offset += count
        }
        return ranges
    }

    /// Bytes of a command's header that name its attachment, and its place in it.
    private static let attachmentOffsets = 16..<24
    private static let sequenceOffsets = 24..<32

    private func areOfOneAttachment(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        first[Self.attachmentOffsets].elementsEqual(second[Self.attachmentOffsets])
    }

    /// The first two commands of one attachment that follow each other change places, but not sequences.
    private func swapped(_ payload: [UInt8]) -> [UInt8] {
        var pieces = commands(payload).map { Array(payload[$0]) }
        for index in pieces.indices.dropFirst() where areOfOneAttachment(pieces[index - 1], pieces[index]) {
            let sequence = pieces[index][Self.sequenceOffsets]
            pieces[index].replaceSubrange(Self.sequenceOffsets, with: pieces[index - 1][Self.sequenceOffsets])
            pieces[index - 1].replaceSubrange(Self.sequenceOffsets, with: sequence)
            pieces.swapAt(index - 1, index)
            break
        }
        return pieces.flatMap { $0 }
    }

    /// A command goes, and the next one of its attachment takes its sequence.
    private func shifted(_ payload: [UInt8]) -> [UInt8] {
        var pieces = commands(payload).map { Array(payload[$0]) }
        for index in pieces.indices.dropFirst() where areOfOneAttachment(pieces[index - 1], pieces[index]) {
            pieces[index].replaceSubrange(Self.sequenceOffsets, with: pieces[index - 1][Self.sequenceOffsets])
            pieces.remove(at: index - 1)
            break
        }
        return pieces.flatMap { $0 }
    }
}
