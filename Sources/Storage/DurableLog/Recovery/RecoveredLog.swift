package import CoreTypes

/// What a log knows when it is opened: the acceptor's state and what it accepted.
package struct RecoveredLog: Sendable {
    package var identity: LogIdentity
    /// The highest ballot that was ever promised.
    package var promised: Ballot = .none
    /// Every slot up to here is known chosen.
    package var chosenThrough: Slot = .none
    package var membership: [UInt8] = []
    package var base: LogBase?
    /// The slot of the last base, whether its description can be read or not.
    package var baseSlot: Slot = .none
    /// One entry for each slot from the first one needed, ascending.
    package var accepted: [AcceptedEntry] = []
    /// The highest slot that was ever accepted, whether it is still in the log or not.
    package var highestSlot: Slot = .none
    /// Groups were destroyed that may have held more slots than can be listed: any slot that is not chosen, up to
    /// `highestSlot`, may have been accepted there, and must be treated as faulty.
    package var mayMissRecords = false
    /// Records of membership or base may be among what is damaged; what stands here can be outdated.
    package var isStateUncertain = false
    package var report = RecoveryReport()

    /// How far the log stands: no store of its directory stands beyond it. The record of the last base may be damaged; the
    /// headers of the groups behind it tell its slot, too.
    package var reachedSlot: Slot { max(highestSlot, baseSlot) }
}
