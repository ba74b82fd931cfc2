import Consensus
import CoreTypes

/// Seeded bugs that live between core and network.
extension Simulation {
    /// A message as a buggy sender sends it.
    func mutated(_ message: Message) -> Message {
        switch (mutant, message) {
        case (.promiseWithoutReport, .promise(var promise)):
            promise.entries = []
            promise.unknown = []
            return .promise(promise)
        case (.promiseWithWrongBallots, .promise(var promise)):
            for index in promise.entries.indices {
                promise.entries[index].ballot = Ballot(round: 1, replica: ReplicaID(rawValue: 1))
            }
            return .promise(promise)
        case (.acknowledgeGaps, .accepted(let ballot, let first, let last)):
            return .accepted(ballot: ballot, first: max(1, first.previous), last: last)
        default: return message
        }
    }

    /// What a buggy receiver makes of a message.
    mutating func mutated(_ flight: Flight, at index: Int) -> [Input] {
        let input = Input.message(flight.message, from: flight.sender)
        switch (mutant, flight.message) {
        case (.countVoteTwice, .accepted):
            let others = nodes.indices.filter { $0 != index && nodes[$0].configuration.identity != flight.sender }
            let other = nodes[others[Int(draw(UInt64(others.count)))]].configuration.identity
            return [input, .message(flight.message, from: other)]
        case (.learnAnyBallot, .chosen(let ballot, let through)):
            return [input] + learnAll(through, ballot, flight.sender, index)
        case (.learnAnyBallot, .heartbeat(let heartbeat)):
            return [input] + learnAll(heartbeat.chosenThrough, heartbeat.ballot, flight.sender, index)
        default: return [input]
        }
    }

    /// Takes whatever was accepted up to a slot for chosen.
    private func learnAll(_ last: Slot, _ ballot: Ballot, _ sender: ReplicaIdentity, _ index: Int) -> [Input] {
        guard let core = nodes[index].core, ballot >= core.promised else { return [] }
        var inputs: [Input] = []
        var slot = core.chosenThrough.next
        while slot <= last, let found = nodes[index].latest[slot] {
            let learn = ChosenValue(slot: slot, ballot: found.ballot, value: found.value, isLast: false)
            inputs.append(.message(.learn(learn), from: sender))
            slot = slot.next
        }
        return inputs
    }

    /// The answer that a buggy replica gives to a read by itself.
    func mutatedReadAnswer(_ token: ReadToken, _ index: Int) -> ReadAnswer? {
        switch mutant {
        case .localReadIndex:
            guard let core = nodes[index].core, core.isServing else { return nil }
            return ReadAnswer(token: token, slot: core.chosenThrough)
        case .reuseReadIndex: return lastReadSlots[index].map { ReadAnswer(token: token, slot: $0) }
        default: return nil
        }
    }
}
