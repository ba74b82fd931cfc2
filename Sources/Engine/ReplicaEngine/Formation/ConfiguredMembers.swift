internal import Consensus
package import CoreTypes

/// The members that one replica's configuration names: what it hopes to find, and no more than that.
package struct ConfiguredMembers: Hashable, Sendable {
    /// Rising, none twice, at least one.
    package let voters: [ReplicaID]
    /// Rising, none twice, none of them a voter.
    package let observers: [ReplicaID]

    /// In any order; nil when nobody votes, a number is 0 or stands there twice, or they are more than a membership holds.
    package init?(voters: [ReplicaID], observers: [ReplicaID]) {
        let all = (voters + observers).sorted()
        guard !voters.isEmpty, all.count <= Membership.memberCountMax, all.first != ReplicaID.none else { return nil }
        guard zip(all, all.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
        self.voters = voters.sorted()
        self.observers = observers.sorted()
    }

    package func contains(_ replica: ReplicaID) -> Bool { voters.contains(replica) || observers.contains(replica) }
}
