/// A ballot of Multi-Paxos: (round, replica), totally ordered; a leader leads one ballot.
///
/// Source: Lamport, *Paxos Made Simple* (2001), §2.2, where it is called the proposal number.
package struct Ballot: Hashable, Comparable, Sendable {
    package var round: UInt64
    package var replica: ReplicaID

    @inlinable
    package init(round: UInt64, replica: ReplicaID) {
        self.round = round
        self.replica = replica
    }

    /// Lower than every ballot that is ever led.
    @inlinable
    package static var none: Ballot { Ballot(round: 0, replica: .none) }

    @inlinable
    package static func < (left: Ballot, right: Ballot) -> Bool {
        left.round != right.round ? left.round < right.round : left.replica < right.replica
    }
}
