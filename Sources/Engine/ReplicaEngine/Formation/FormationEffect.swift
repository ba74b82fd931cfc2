package import CoreTypes

/// What the shell must do after an input to `Formation`, in the order in which effects come.
package enum FormationEffect: Hashable, Sendable {
    /// Send these facts over the connection to this peer.
    case send(FormationFacts, to: ReplicaID)
    /// This replica founds the cluster: make the record durable, then call `recordIsDurable`, and only then is anyone
    /// told, which further effects ask for.
    case found(FoundingRecord)
    /// This replica is a member of a cluster that was founded: make the record durable, then call `recordIsDurable`.
    /// Before that it does not vote and is not told of as a member.
    case adopt(FoundingRecord)
    /// The cluster was founded, and this directory is not in it: an older one of this replica is, which was lost. Make the
    /// record durable, then call `recordIsDurable`. The replica learns what is chosen, must ask to be readmitted, and has
    /// no vote before that is in force.
    case mustBeReadmitted(FoundingRecord)
    /// Something does not fit together; see the refusal for what to do about the peer or about oneself.
    case refuse(FormationRefusal)
}
