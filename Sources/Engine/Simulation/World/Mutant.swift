/// A bug that is built in at a seam which the world owns: disk, store, link or gateway. Each must be found by the
/// checkers within `seedCountMax` seeds; one that is not says that the simulation does not look there.
package enum Mutant: String, CaseIterable, Sendable {
    // MARK: Disk and store

    /// The log is never synced.
    case unsyncedLog
    /// A replica that lost its disk comes back empty, under its old identity, and votes.
    case forgottenLog
    /// A disk comes back as it was at an earlier start.
    case staleDisk
    /// A checkpoint leaves out a row.
    case tornCheckpoint
    /// Every replica takes itself for the whole cluster.
    case splitBrain

    // MARK: Lost directories

    /// A replica that lost its directory goes on under its old incarnation.
    case wipedKeepsName
    /// It has a new incarnation, and votes under the old one until it is readmitted.
    case votesBeforeReadmission

    // MARK: Link

    /// An acceptor says that it accepted before that is durable.
    case acceptedEarly
    /// A promise does not tell what was accepted.
    case promiseWithoutEntries
    /// A leader takes for chosen what it has only proposed.
    case chosenEarly
    /// A leader answers a question for the read index with the first slot.
    case readIndexStale
    /// Two commands of one session change places on their way to the leader.
    case forwardSwapped
    /// A command is lost on its way to the leader, and the ones behind it move up.
    case forwardShifted
    /// A leader sends two different values for one slot.
    case valueChanged
    /// An answer to a fetch has the value of another slot.
    case learnShifted

    // MARK: Gateway

    /// A sync does not wait.
    case staleSync
    /// A local read does not wait for the writes before it.
    case readBeforeWrites
    /// Events come late.
    case eventLate
    /// Some events do not come.
    case eventLost
    /// Events come twice.
    case eventTwice
    /// Some watches are not registered.
    case watchLost
    /// Watches are not set again on another replica.
    case watchesForgotten
    /// A session is served before its attachment was applied here.
    case attachUnseen
    /// A write is submitted twice.
    case submitTwice
    /// The expected version is ignored.
    case versionIgnored
    /// An ephemeral znode is created as a persistent one.
    case ephemeralPersistent
    /// The answer of a write is given to the one behind it, too.
    case answerTwice

    /// Whether it shows only where directories are lost.
    var needsWipes: Bool { self == .wipedKeepsName || self == .votesBeforeReadmission }

    /// Seeds, from 1 on, of which one at least must find it.
    package var seedCountMax: Int {
        switch self {
        case .acceptedEarly, .unsyncedLog, .staleDisk, .forgottenLog, .promiseWithoutEntries, .readIndexStale,
            .attachUnseen, .wipedKeepsName, .votesBeforeReadmission:
            40
        default: 10
        }
    }
}
