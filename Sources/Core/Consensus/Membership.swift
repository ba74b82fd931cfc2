package import CoreTypes

/// One replica of the cluster.
package struct Member: Hashable, Sendable {
    package var identity: ReplicaIdentity
    /// False for an observer: it learns and serves clients, and has no vote.
    package var isVoter: Bool

    package init(identity: ReplicaIdentity, isVoter: Bool) {
        self.identity = identity
        self.isVoter = isVoter
    }
}

/// The replicas of a cluster, and thereby what a quorum is.
///
/// Invariant: sorted by replica, no replica twice, at most 64 members, at least one voter.
package struct Membership: Hashable, Sendable {
    package let members: [Member]
    /// Bit i is set when `members[i]` votes.
    package let voterMask: UInt64
    /// Voters that make a quorum: more than half of them.
    package let quorumCount: Int

    /// The most members that vote sets, which are bit masks, can hold.
    package static let memberCountMax = 64

    /// The members in any order. Nil when there is no voter, a replica stands there twice or has the number 0, or
    /// there are too many.
    package init?(_ members: [Member]) {
        let sorted = members.sorted { $0.identity.replica < $1.identity.replica }
        guard sorted.count <= Membership.memberCountMax, sorted.first?.identity.replica != ReplicaID.none else {
            return nil
        }
        var mask: UInt64 = 0
        for index in sorted.indices {
            if index > 0, sorted[index].identity.replica == sorted[index - 1].identity.replica { return nil }
            if sorted[index].isVoter { mask |= 1 << UInt64(index) }
        }
        guard mask != 0 else { return nil }
        self.members = sorted
        self.voterMask = mask
        self.quorumCount = mask.nonzeroBitCount / 2 + 1
    }

    /// Where a replica stands, in whatever incarnation.
    package func index(of replica: ReplicaID) -> Int? {
        members.firstIndex { $0.identity.replica == replica }
    }

    /// Where a voter stands under exactly this identity; nil when its vote does not count.
    package func voterIndex(of identity: ReplicaIdentity) -> Int? {
        members.firstIndex { $0.isVoter && $0.identity == identity }
    }

    /// True when the set holds more than half of the voters.
    @inline(__always)
    package func isQuorum(_ set: UInt64) -> Bool { (set & voterMask).nonzeroBitCount >= quorumCount }

    /// The same membership with one replica under a new incarnation; nil when it has no such replica.
    package func readmitting(_ identity: ReplicaIdentity) -> Membership? {
        guard let index = index(of: identity.replica) else { return nil }
        var changed = members
        changed[index].identity = identity
        return Membership(changed)
    }
}

/// A membership and the slot from which it is in force.
package struct ScheduledMembership: Hashable, Sendable {
    package var firstSlot: Slot
    package var membership: Membership

    package init(firstSlot: Slot, membership: Membership) {
        self.firstSlot = firstSlot
        self.membership = membership
    }
}
