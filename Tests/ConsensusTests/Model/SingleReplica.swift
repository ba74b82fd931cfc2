import Consensus
import CoreTypes

/// One replica of three, number 1, that hears what a test says: for claims about a single acceptor or proposer.
struct SingleReplica {
    var core: ConsensusReplica
    var effects = Effects()

    init(_ change: (inout RecoveredState) -> Void = { _ in }, configure: (inout Configuration) -> Void = { _ in }) {
        var recovered = RecoveredState(
            memberships: Membership.voters(3).map { [ScheduledMembership(firstSlot: 1, membership: $0)] } ?? [])
        change(&recovered)
        var configuration = Configuration(identity: identity(1), seed: 1)
        configuration.electionJitterMilliseconds = 0
        configure(&configuration)
        core = ConsensusReplica(configuration: configuration, recovered: recovered)
        core.start(at: Tick(rawValue: 1), into: &effects)
    }

    /// Gives an input and answers its effects alone.
    @discardableResult
    mutating func step(_ input: Input) -> Effects {
        effects.removeAll()
        core.step(input, into: &effects)
        return effects
    }

    @discardableResult
    mutating func receive(_ message: Message, from sender: UInt8) -> Effects {
        step(.message(message, from: identity(sender)))
    }

    @discardableResult
    mutating func persistAll() -> Effects { step(.persisted(through: core.issued)) }

    /// An accept of a leader for this replica.
    static func accept(_ slot: Slot, _ ballot: Ballot, _ name: Character, chosenThrough: Slot = .none) -> Message {
        .accept(Accept(ballot: ballot, slot: slot, value: .named(name), chosenThrough: chosenThrough))
    }

    /// Makes it lead its next ballot, with an empty promise of replica 2 or the one given.
    @discardableResult
    mutating func lead(with entries: [PromiseEntry] = [], chosenThrough: Slot = .none) -> Ballot {
        step(.campaign)
        let ballot = core.promised
        persistAll()
        receive(
            .promise(Promise(ballot: ballot, chosenThrough: chosenThrough, entries: entries, unknown: [])), from: 2)
        return ballot
    }
}

extension Ballot {
    /// A ballot, as transcripts write it.
    static func of(_ round: UInt64, _ replica: UInt8) -> Ballot {
        Ballot(round: round, replica: ReplicaID(rawValue: replica))
    }
}

extension Effects {
    /// Messages of both kinds, without regard to when they may leave.
    var messages: [Message] { send.map(\.message) + sendAfterPersist.map(\.envelope.message) }

    /// The values in accept records, by slot.
    var acceptedValues: [ValueDescriptor] {
        persist.compactMap { if case .accept(let accept) = $0 { accept.value } else { nil } }
    }
}
