internal import Consensus
internal import CoreTypes
internal import ZnodeTree

/// Which memberships may still matter after what a tree holds, as consensus wants to know them: by rising first slot,
/// the first one in force at the next slot (`RecoveredState.memberships`).
enum MembershipSchedule {
    /// - Parameter founding: the membership that the cluster began with.
    /// - Returns: nil if the tree holds memberships that this version cannot read.
    static func memberships(of tree: ZnodeTree, founding: Membership) -> [ScheduledMembership]? {
        guard let row = tree.membership else {
            return [ScheduledMembership(firstSlot: Slot(rawValue: 1), membership: founding)]
        }
        guard let previous = MembershipCodec.decode(row.previous), let newest = MembershipCodec.decode(row.newest)
        else { return nil }
        let scheduled = ScheduledMembership(firstSlot: row.firstSlot, membership: newest)
        if row.firstSlot <= tree.appliedSlot.next { return [scheduled] }
        return [ScheduledMembership(firstSlot: row.previousFirstSlot, membership: previous), scheduled]
    }

    /// What is said when that is nil.
    static func unreadable(in path: String) -> String {
        "\(path): the store names the cluster's members in a form that this version does not know: use the version that "
            + "wrote it"
    }
}

extension DirectoryIdentity {
    /// The lowest number of a life of this directory.
    ///
    /// One that took the place of another must not name its attachments as that one did, whose commands it may meet while
    /// it catches up: it begins at a number of its own in the upper half, and the founders' lives begin at 1.
    var firstLifeNumber: UInt64 {
        let own = ReplicaIdentity(replica: replica, incarnation: incarnation)
        if firstMembership.members.contains(where: { $0.identity == own }) { return 0 }
        let half = LifeNumber.countInAttachments / 2
        return half + (incarnation.value.high ^ incarnation.value.low) % half
    }

    /// The membership before any change: that of the foundation, or this replica alone.
    var firstMembership: Membership {
        if let foundingMembers { return foundingMembers }
        let own = Member(identity: ReplicaIdentity(replica: replica, incarnation: incarnation), isVoter: true)
        guard let membership = Membership([own]) else {
            invariantBroken("replica \(replica.rawValue) cannot be a member", #fileID, #line)
        }
        return membership
    }
}
