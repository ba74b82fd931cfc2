import Consensus
import CoreTypes

/// Sees what leaders propose, to know when one goes on with what a former one had proposed.
struct ProposalWatch {
    private struct Proposal {
        var ballot = Ballot.none
        var checksum: UInt64 = 0
    }

    /// By slot.
    private var proposals: [Proposal] = []
    private var lastInherited = Ballot.none

    init() {}

    /// A leader proposes a value.
    ///
    /// - Returns: true for the first value of another ballot that its ballot proposes again.
    mutating func proposed(_ accept: Accept) -> Bool {
        let index = Int(accept.slot.rawValue)
        while proposals.count <= index { proposals.append(Proposal()) }
        let known = proposals[index]
        guard accept.ballot > known.ballot else { return false }
        proposals[index] = Proposal(ballot: accept.ballot, checksum: accept.value.checksum)
        guard accept.value.kind != .noOp, known.ballot != .none, known.checksum == accept.value.checksum,
            accept.ballot > lastInherited
        else { return false }
        lastInherited = accept.ballot
        return true
    }
}
