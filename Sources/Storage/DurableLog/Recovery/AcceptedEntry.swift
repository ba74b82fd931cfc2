package import CoreTypes

/// What the log has for one slot: the entry of the highest ballot, or the chosen one.
package struct AcceptedEntry: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its payload can be read.
        case whole
        /// Something was accepted here, or may have been, under this ballot or a lower one, and its bytes are damaged.
        /// To say "nothing" for such a slot would be a lie.
        case faulty
    }

    package var slot: Slot
    /// For a faulty entry: the highest that it can have been.
    package var ballot: Ballot
    /// Bytes of the payload; 0 for a faulty entry whose size is not known.
    package var byteCount: Int
    package var state: State
    /// It was appended as chosen and not only as accepted.
    package var isChosen: Bool
}
