internal import CoreTypes

/// What an acceptor knows about its own record of one slot.
enum EntryState: UInt8, Hashable, Sendable {
    /// It never accepted anything: "no".
    case empty
    /// It accepted `value` under `ballot`.
    case accepted
    /// It accepted `value` under `ballot`, and the bytes are damaged.
    case faulty
    /// It may have accepted anything: records that may be of the slot are lost. If `ballot` is not `none`, `value` was
    /// accepted under it, with its bytes, and something newer may have been.
    case unknown
}

/// One slot above the chosen prefix: what this acceptor accepted and, for a leader, who else did.
struct SlotEntry: Hashable, Sendable {
    /// The ballot under which `value` was accepted. `none` when nothing was.
    var ballot: Ballot
    var value: ValueDescriptor
    /// The record that makes this durable; `none` when it was found at the start.
    var token: PersistToken
    /// Leader only: who has `value` durable under `ballot`; bit i stands for member i of the membership in force for
    /// the slot.
    var votes: UInt64
    var state: EntryState
    /// `value` is known to be chosen. Invariant: never reset; implies `state == .accepted`.
    var isChosen: Bool

    /// The shell can read the bytes of `value` under (the slot, `ballot`).
    var hasBytes: Bool { state == .accepted || state == .unknown && ballot != .none }

    static let empty = SlotEntry(
        ballot: .none, value: .noOp, token: .none, votes: 0, state: .empty, isChosen: false)
}
