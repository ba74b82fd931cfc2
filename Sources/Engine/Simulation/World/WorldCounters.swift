/// What happened in a world, beside what its network counted.
package struct WorldCounters: Hashable, Sendable {
    // MARK: Faults

    package var crashes = 0
    /// In the middle of a write of the log, between a write and its being known, and in the middle of a start.
    package var crashesInWrite = 0
    package var crashesBehindWrite = 0
    package var crashesInStart = 0
    package var blackouts = 0
    package var changesLost = 0
    package var changesKept = 0
    package var changesTorn = 0
    package var pauses = 0
    package var oneWays = 0
    package var drifts = 0
    package var jumps = 0
    package var slowDisks = 0
    package var handOvers = 0
    package var clientDisconnects = 0
    package var wipes = 0
    package var wipesDenied = 0
    package var flips = 0
    package var misdirectedWrites = 0
    package var unreadableBlocks = 0
    package var snapshotsDamaged = 0
    package var piecesTampered = 0
    package var fullDisks = 0
    package var diskFailures = 0
    package var segmentHeadersDamaged = 0
    package var damageDenied = 0
    package var tearsDenied = 0

    // MARK: What the engines did

    package var starts = 0
    package var replayedSlots = 0
    package var torn = 0
    /// Damaged places of a log that a start found, and slots that could not be read when they were needed.
    package var damagesFound = 0
    package var damagedReads = 0
    /// Promises that told of damaged slots, and lost slots of which a log has a whole copy again.
    package var faultyAnswers = 0
    /// Engines that took part no more because of their disk, and starts that found no room.
    package var stops = 0
    package var startsWithoutRoom = 0
    package var refusedStarts = 0
    /// Installations that were begun anew, because of the bytes that came, or of the disk.
    package var failedInstallations = 0
    package var slotsRepaired = 0
    package var leaderChanges = 0
    /// New leaders that went on with values which a former one had proposed.
    package var inheritedSuffixes = 0
    package var gapsRefused = 0
    package var repeatsSkipped = 0
    package var segmentsCreated = 0
    package var segmentsRecycled = 0
    package var checkpoints = 0
    package var digestsAgreed = 0
    package var snapshots = 0
    package var installations = 0
    /// Begun and not finished, because the process died or the values came after all.
    package var installationsCut = 0
    package var readmissions = 0
    package var slots = 0

    // MARK: Clients

    package var sessionsOpened = 0
    package var sessionsMoved = 0
    package var sessionsRefused = 0
    package var sessionsClosed = 0
    package var sessionsExpired = 0
    package var writesAnswered = 0
    package var readsAnswered = 0
    package var syncedReadsAnswered = 0
    package var unanswered = 0
    package var refusals = 0
    package var events = 0
    package var cutOffs = 0

    package init() {}

    /// Sums of several runs.
    package mutating func add(_ other: WorldCounters) {
        for (path, _) in Self.rows { self[keyPath: path] += other[keyPath: path] }
    }

    private static var rows: [(WritableKeyPath<WorldCounters, Int>, String)] {
        [
            (\.crashes, "crashes"), (\.crashesInWrite, "in a write"), (\.crashesBehindWrite, "behind a write"),
            (\.crashesInStart, "in a start"), (\.blackouts, "blackouts"), (\.changesLost, "unsynced changes lost"),
            (\.changesKept, "kept"), (\.changesTorn, "torn"), (\.pauses, "pauses"), (\.oneWays, "one-way partitions"),
            (\.drifts, "clock drifts"), (\.jumps, "clock jumps"), (\.slowDisks, "slow disks"),
            (\.handOvers, "hand-overs"), (\.clientDisconnects, "client disconnects"),
            (\.wipes, "directories lost"), (\.wipesDenied, "not lost, for a copy must be left"),
            (\.flips, "flipped bits in logs"), (\.misdirectedWrites, "misdirected writes"),
            (\.unreadableBlocks, "unreadable blocks"), (\.snapshotsDamaged, "damaged snapshots"),
            (\.piecesTampered, "tampered pieces"), (\.failedInstallations, "pieces or snapshots refused"),
            (\.fullDisks, "full disks"), (\.startsWithoutRoom, "starts without room"),
            (\.refusedStarts, "starts refused for a block"), (\.diskFailures, "failing disks"),
            (\.stops, "engines stopped"),
            (\.segmentHeadersDamaged, "damaged segment headers"),
            (\.damageDenied, "damage denied"), (\.tearsDenied, "tears denied"),
            (\.damagesFound, "damaged places found"), (\.damagedReads, "slots unreadable when needed"),
            (\.faultyAnswers, "faulty answers"), (\.slotsRepaired, "slots repaired"),
            (\.readmissions, "wiped replica readmitted"), (\.starts, "starts"), (\.replayedSlots, "slots replayed"),
            (\.torn, "torn groups cut"), (\.leaderChanges, "leader changes"),
            (\.inheritedSuffixes, "with an inherited suffix"),
            (\.gapsRefused, "gaps refused"), (\.repeatsSkipped, "repeats skipped"),
            (\.segmentsCreated, "segments created"), (\.segmentsRecycled, "segments recycled"),
            (\.checkpoints, "checkpoints"), (\.digestsAgreed, "digests agreed"), (\.slots, "slots"),
            (\.snapshots, "snapshots"), (\.installations, "snapshots installed"),
            (\.installationsCut, "installations cut"),
            (\.sessionsOpened, "sessions opened"), (\.sessionsMoved, "attached again"),
            (\.sessionsRefused, "refused"), (\.sessionsClosed, "closed"), (\.sessionsExpired, "expired"),
            (\.writesAnswered, "writes answered"), (\.readsAnswered, "reads answered"),
            (\.syncedReadsAnswered, "synced reads answered"), (\.unanswered, "unanswered"),
            (\.refusals, "refused requests"), (\.events, "watch events"), (\.cutOffs, "connections cut off"),
        ]
    }

    /// Names and numbers, in an order that reads well.
    package var named: [(name: String, count: Int)] { Self.rows.map { ($0.1, self[keyPath: $0.0]) } }
}
