import Checksums
import CoreTypes
import ReplicaEngine
import ZnodeTree

/// What replicas apply, as it happens.
extension World {
    func observe(
        _ slot: Slot, proposal: RawSpan, lastZxid: Zxid, output: ApplyOutput, at replica: SimulatedReplica
    ) {
        trace.add(slot.rawValue)
        trace.add(lastZxid.rawValue)
        let checksum = hash64(proposal)
        expect { () throws(Violation) in
            try agreement.applied(slot, checksum: checksum, lastZxid: lastZxid, by: replica.id)
        }
        if let engine = replica.engine { noteDigest(of: engine, at: replica, slot) }
        for result in output.results where result.outcome == .executed { noteExecution(result, at: replica) }
        for event in output.sessionEvents where event.kind == .closed || event.kind == .expired { noteEnd(event) }
    }

    func noteDigest(of engine: ReplicaEngine, at replica: SimulatedReplica, _ slot: Slot? = nil) {
        let digest = engine.read { $0.digest() }
        let number = mixedBits(digest.znodes) ^ digest.sessions
        trace.add(number)
        expect { () throws(Violation) in
            try agreement.digested(slot ?? engine.appliedSlot, number, by: replica.id)
        }
    }

    private func noteExecution(_ result: CommandResult, at replica: SimulatedReplica) {
        guard let operation = operation(of: result.attachment, result.sequence) else { return }
        history.note(
            Execution(operation: operation, zxid: result.zxid, replica: replica.id))
    }

    /// The operation that is a command; nil for a command that is none.
    private func operation(of attachment: AttachmentID, _ sequence: UInt64) -> Int? {
        let list = submitted.value(hash: mixedBits(attachment.rawValue), matches: { $0 == attachment })
        guard let list, sequence > 0, sequence <= UInt64(list.count) else { return nil }
        let operation = list[Int(sequence) - 1]
        return operation < 0 ? nil : operation
    }

    /// A session ended; every replica says so, and one is enough.
    private func noteEnd(_ event: SessionEvent) {
        let hash = mixedBits(event.session.rawValue)
        var end: SessionEnd?
        sessions.update(hash: hash, matches: { $0 == event.session }) { known in
            guard !known.hasEnded else { return }
            known.hasEnded = true
            let isExpiry = event.kind == .expired
            let invoked = isExpiry ? known.lastAnswer : known.closeAsked ?? known.lastAnswer
            end = SessionEnd(session: event.session, zxid: event.zxid, isExpiry: isExpiry, invoked: invoked)
        }
        guard let end else { return }
        if end.isExpiry { counters.sessionsExpired += 1 } else { counters.sessionsClosed += 1 }
        history.note(end)
    }

    /// A session was opened, as a replica executed it: also one of which its client never heard.
    func noteSession(_ session: SessionID, of client: Int) {
        let hash = mixedBits(session.rawValue)
        let step = nextHistoryStep()
        if !sessions.update(hash: hash, matches: { $0 == session }, { $0.lastAnswer = step }) {
            sessions.insert(hash: hash, key: session, value: KnownSession(client: client, lastAnswer: step))
        }
    }
}
