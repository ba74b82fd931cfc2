/// A ballot of Multi-Paxos: (round, replica), totally ordered; a leader leads one ballot.
///
/// Source: Lamport, *Paxos Made Simple* (2001), §2.2, where it is called the proposal number.
@usableFromInline
package struct Ballot: Hashable, Comparable, Sendable {
    @usableFromInline package var round: UInt64
    @usableFromInline package var replica: ReplicaID

    @inlinable
    package init(round: UInt64, replica: ReplicaID) {
        self.round = round
        self.replica = replica
    }

    /// Lower than every ballot that is ever led.
    @inlinable
    package static var none: Ballot { Ballot(round: 0, replica: .none) }

    // Comparisons are written out, because the synthesised and defaulted ones are not inlined across modules.

    @inlinable
    package static func == (left: Ballot, right: Ballot) -> Bool {
        left.round == right.round && left.replica == right.replica
    }

    @inlinable
    package static func < (left: Ballot, right: Ballot) -> Bool {
        left.round != right.round ? left.round < right.round : left.replica < right.replica
    }

    @inlinable
    package static func > (left: Ballot, right: Ballot) -> Bool { right < left }

    @inlinable
    package static func <= (left: Ballot, right: Ballot) -> Bool { !(right < left) }

    @inlinable
    package static func >= (left: Ballot, right: Ballot) -> Bool { !(left < right) }
}
