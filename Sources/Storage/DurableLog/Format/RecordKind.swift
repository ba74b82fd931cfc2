/// What a record says. 0 is never written, so that zeros are no record.
enum RecordKind: UInt8, Sendable {
    /// This replica accepted a proposal for a slot under a ballot.
    case accepted = 1
    /// A slot's chosen proposal, learned: it stands above whatever was accepted for the slot.
    case chosen = 2
    /// The membership in force, as bytes of the layer above.
    case membership = 3
    /// A snapshot was installed: the state up to a slot comes from there.
    case base = 4
    /// Everything that is not in a group header, restated by the first group of a segment.
    case state = 5

    /// Is it about a slot whose payload is a proposal?
    var isProposal: Bool { self == .accepted || self == .chosen }
}
