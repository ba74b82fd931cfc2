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
    /// The last groups of a log, which were acknowledged, are gone after a crash.
    case tailForgotten
    /// The store has a checkpoint of slots that the log does not have.
    case checkpointAhead
    /// A snapshot is taken in that is not the one which was sent.
    case snapshotUnverified
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
    /// An answer to a fetch has the value of another slot, as after a misdirected write that nobody noticed.
    case learnShifted
    /// An answer to a fetch has damaged bytes, as if no checksum had been looked at.
    case servedUnchecked
    /// An answer to a fetch says that nothing is in the slot: a hole.
    case holeAsNoOp
    /// A promise says "nothing" of slots whose records are damaged.
    case faultyAsNone
    /// A replica does not keep in mind what it promised.
    case promiseForgotten
    /// A leader answers a question for the read index with its answer to an earlier one.
    case readIndexReused

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

    /// It changes disks that lost their power.
    var forgets: Bool {
        switch self {
        case .forgottenLog, .staleDisk, .tailForgotten, .checkpointAhead: true
        default: false
        }
    }

    /// What must go wrong for it to show.
    var needs: [Nemesis] {
        switch self {
        case .wipedKeepsName, .votesBeforeReadmission: [.wipe]
        case .faultyAsNone: [.rot, .unreadable, .misdirect, .crash, .partition]
        case .tailForgotten, .checkpointAhead: [.crash, .partition]
        case .promiseForgotten: [.crash, .partition, .oneWay, .handOver, .disconnect]
        case .servedUnchecked, .holeAsNoOp, .snapshotUnverified: [.partition, .crash, .pause]
        default: []
        }
    }

    /// Seeds, from 1 on, of which one at least must find it.
    package var seedCountMax: Int {
        switch self {
        case .acceptedEarly, .unsyncedLog, .staleDisk, .forgottenLog, .promiseWithoutEntries, .readIndexStale,
            .attachUnseen, .wipedKeepsName, .votesBeforeReadmission, .tailForgotten, .checkpointAhead,
            .servedUnchecked, .holeAsNoOp, .readIndexReused:
            40
        case .snapshotUnverified, .faultyAsNone, .promiseForgotten: 200
        default: 10
        }
    }
}
