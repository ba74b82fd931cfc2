internal import CoreTypes

extension Message {
    /// Numbers from outside above this are refused, so that no arithmetic on slots, rounds and ticks can overflow.
    private static let numberMax: UInt64 = 1 << 62

    /// False for a message whose numbers cannot be meant.
    var isPlausible: Bool {
        switch self {
        case .preVote(let ballot, let slot), .prepare(let ballot, let slot), .chosen(let ballot, let slot):
            Message.isPlausible(ballot) && Message.isPlausible(slot)
        case .preVoteReply(let ballot, _, let promised):
            Message.isPlausible(ballot) && promised.round <= Message.numberMax
        case .promise(let promise): Message.isPlausible(promise)
        case .reject(let ballot): ballot.round <= Message.numberMax
        case .lead(let ballot): Message.isPlausible(ballot)
        case .accept(let accept):
            Message.isPlausible(accept.ballot) && accept.slot > .none && Message.isPlausible(accept.slot)
                && Message.isPlausible(accept.chosenThrough)
        case .accepted(let ballot, let first, let last):
            Message.isPlausible(ballot) && Message.isPlausible(first, last)
        case .heartbeat(let heartbeat):
            Message.isPlausible(heartbeat.ballot) && heartbeat.round <= Message.numberMax
                && Message.isPlausible(heartbeat.chosenThrough)
        case .heartbeatReply(let ballot, let round, _): Message.isPlausible(ballot) && round <= Message.numberMax
        case .fetch(let first, let last), .fetchAccepted(let first, let last): Message.isPlausible(first, last)
        case .learn(let value):
            Message.isPlausible(value.ballot) && value.slot > .none && Message.isPlausible(value.slot)
        case .unavailable(let slot): Message.isPlausible(slot)
        case .held(let slot, let ballot, _): Message.isPlausible(ballot) && slot > .none && Message.isPlausible(slot)
        case .readIndex(_, let ballot): Message.isPlausible(ballot)
        case .readIndexReply(_, let ballot, let slot):
            Message.isPlausible(ballot) && Message.isPlausible(slot ?? .none)
        }
    }

    /// A ballot that somebody may lead.
    private static func isPlausible(_ ballot: Ballot) -> Bool {
        ballot.round <= numberMax && ballot.round > 0 && ballot.replica != .none
    }

    private static func isPlausible(_ slot: Slot) -> Bool { slot.rawValue <= numberMax }

    private static func isPlausible(_ first: Slot, _ last: Slot) -> Bool {
        first > .none && first <= last && isPlausible(last)
    }

    /// Entries in order, above the chosen prefix, none above the ballot; of one slot by falling ballot.
    private static func isPlausible(_ promise: Promise) -> Bool {
        guard isPlausible(promise.ballot), isPlausible(promise.chosenThrough) else { return false }
        var (slot, ballot) = (promise.chosenThrough, Ballot.none)
        for entry in promise.entries {
            guard isPlausible(entry.slot), entry.ballot <= promise.ballot else { return false }
            guard entry.slot > slot || entry.slot == slot && entry.ballot < ballot else { return false }
            (slot, ballot) = (entry.slot, entry.ballot)
        }
        return promise.unknown.allSatisfy { isPlausible($0.last) && $0.first <= $0.last }
    }
}
