package import CoreTypes

/// What the log has for one slot: the entry of the highest ballot, or the chosen one.
package struct AcceptedEntry: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its payload can be read.
        case whole
        /// Something was accepted here, or may have been, under this ballot or a lower one, and its bytes are damaged.
        /// To say "nothing" for such a slot would be a lie.
        case faulty
        /// Its payload can be read, and a later record of a higher ballot may have been lost: something else may have been
        /// accepted after it.
        case uncertain
    }

    package var slot: Slot
    /// For a faulty entry: the highest that it can have been.
    package var ballot: Ballot
    /// Bytes of the payload; 0 for a faulty entry whose size is not known.
    package var byteCount: Int
    package var state: State
    /// It was appended as chosen and not only as accepted.
    package var isChosen: Bool
    /// For an uncertain entry: the highest ballot that a lost record can have had.
    package var lostBallot: Ballot = .none

    /// The entry tells of records that were lost, and only what they can have been: whatever stands behind them in the
    /// log was accepted later.
    var tellsOfLostRecords: Bool { state == .uncertain || state == .faulty && byteCount == 0 }
}
