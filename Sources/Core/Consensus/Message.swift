package import CoreTypes

/// An accepted value, as an acceptor reports it in a promise.
package struct PromiseEntry: Hashable, Sendable {
    package var slot: Slot
    package var ballot: Ballot
    package var value: ValueDescriptor
    /// False: faulty. The value was accepted and its bytes are lost. This is never the same as having accepted nothing.
    package var isWhole: Bool

    package init(slot: Slot, ballot: Ballot, value: ValueDescriptor, isWhole: Bool) {
        self.slot = slot
        self.ballot = ballot
        self.value = value
        self.isWhole = isWhole
    }
}

/// Phase 1b: the acceptor will accept nothing below `ballot`, and this is all that it has accepted.
package struct Promise: Hashable, Sendable {
    package var ballot: Ballot
    /// The acceptor knows every slot up to here to be chosen; it reports nothing about those.
    package var chosenThrough: Slot
    /// What it accepted above `chosenThrough` and from the slot it was asked about on, by rising slot. Two entries of one
    /// slot say, the one of the higher ballot first, that something may have been accepted under ballots up to that one,
    /// and is lost, and that what the other one says was accepted before it.
    package var entries: [PromiseEntry]
    /// Slots about which it cannot say whether it accepted anything, or anything newer than stands in `entries`.
    package var unknown: [SlotRange]

    package init(ballot: Ballot, chosenThrough: Slot, entries: [PromiseEntry], unknown: [SlotRange]) {
        self.ballot = ballot
        self.chosenThrough = chosenThrough
        self.entries = entries
        self.unknown = unknown
    }
}

/// Phase 2a: the leader of `ballot` asks that `value` be accepted in `slot`. The shell attaches the value's bytes.
package struct Accept: Hashable, Sendable {
    package var ballot: Ballot
    package var slot: Slot
    package var value: ValueDescriptor
    /// Every slot up to here is chosen; see `Message.chosen`.
    package var chosenThrough: Slot

    package init(ballot: Ballot, slot: Slot, value: ValueDescriptor, chosenThrough: Slot) {
        self.ballot = ballot
        self.slot = slot
        self.value = value
        self.chosenThrough = chosenThrough
    }
}

/// The leader is there.
package struct Heartbeat: Hashable, Sendable {
    package var ballot: Ballot
    /// Rising from heartbeat to heartbeat of one ballot.
    package var round: UInt64
    package var chosenThrough: Slot
    /// A tick of the receiver's own clock: a quorum confirmed the leader after the receiver had sent this tick.
    package var confirmedTick: Tick

    package init(ballot: Ballot, round: UInt64, chosenThrough: Slot, confirmedTick: Tick) {
        self.ballot = ballot
        self.round = round
        self.chosenThrough = chosenThrough
        self.confirmedTick = confirmedTick
    }
}

/// A value that is known to be chosen. The shell attaches its bytes.
package struct ChosenValue: Hashable, Sendable {
    package var slot: Slot
    /// The ballot under which the sender holds it: at least one in which it was chosen.
    package var ballot: Ballot
    package var value: ValueDescriptor
    /// True for the last one that answers a fetch.
    package var isLast: Bool

    package init(slot: Slot, ballot: Ballot, value: ValueDescriptor, isLast: Bool) {
        self.slot = slot
        self.ballot = ballot
        self.value = value
        self.isLast = isLast
    }
}

/// What replicas say to one another.
///
/// The shell carries it with the sender's identity, proved when the connection was made, and attaches the bytes of
/// values to `accept`, `held` and `learn` (a `noOp` has none). Messages may be lost, doubled, delayed and reordered.
package enum Message: Hashable, Sendable {
    // MARK: Election

    /// Would you promise `ballot`, were you asked? The sender knows every slot up to `chosenThrough` to be chosen.
    case preVote(ballot: Ballot, chosenThrough: Slot)
    /// The answer. `promised` is the highest ballot the sender has promised.
    case preVoteReply(ballot: Ballot, isGranted: Bool, promised: Ballot)
    /// Phase 1a, for `firstSlot` and every later slot.
    case prepare(ballot: Ballot, firstSlot: Slot)
    /// Phase 1b.
    case promise(Promise)
    /// The ballot of a prepare or accept is too low: the sender has promised `promised`.
    case reject(promised: Ballot)
    /// The leader of `ballot` hands over: ask for the lead at once.
    case lead(ballot: Ballot)

    // MARK: Replication

    /// Phase 2a.
    case accept(Accept)
    /// Phase 2b, for every slot from `first` through `last`: accepted in `ballot` and durable.
    case accepted(ballot: Ballot, first: Slot, last: Slot)
    /// The leader of `ballot` knows every slot through `through` to be chosen. Whoever accepted a slot among them in
    /// this very ballot has its chosen value; what was accepted in another ballot may be another value.
    case chosen(ballot: Ballot, through: Slot)
    case heartbeat(Heartbeat)
    /// `tick` is the sender's own clock. It has promised no ballot above `ballot`.
    case heartbeatReply(ballot: Ballot, round: UInt64, tick: Tick)

    // MARK: Catching up and repair

    /// Send me the chosen values of these slots.
    case fetch(first: Slot, last: Slot)
    case learn(ChosenValue)
    /// The sender's log begins at `firstSlot`: what lies before is in its snapshot.
    case unavailable(firstSlot: Slot)
    /// Send me what you accepted in these slots, chosen or not. Asked by a new leader that lacks bytes.
    case fetchAccepted(first: Slot, last: Slot)
    /// What the sender has accepted in `slot`, under `ballot`. The shell attaches its bytes.
    case held(slot: Slot, ballot: Ballot, value: ValueDescriptor)

    // MARK: Reads

    /// A follower asks for the slot that a linearizable read must have seen.
    case readIndex(token: ReadToken, ballot: Ballot)
    /// `slot` is nil when the receiver does not lead `ballot`.
    case readIndexReply(token: ReadToken, ballot: Ballot, slot: Slot?)
}

/// Names one read-index request of one replica. The shell never uses one twice, not even to ask again.
package struct ReadToken: RawRepresentable, Hashable, Comparable, Sendable {
    package var rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (left: ReadToken, right: ReadToken) -> Bool { left.rawValue < right.rawValue }
}
