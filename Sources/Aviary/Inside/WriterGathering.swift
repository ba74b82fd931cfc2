/// Decides whether the driver waits, after a turn, for the writers that it released.
///
/// A writer that has its result often writes again at once. On a fast disk it then just misses the next write to the log,
/// which the driver begins with the first few that are back, and waits for all of that one: the writers split into small
/// groups, and each waits for the other's disk time. So the driver waits until as many are back as it released, but no
/// longer than about a write takes: waiting costs no more than missing would have.
///
/// Writers that do not come back cost that wait for nothing. Then it is not done for some turns, and for twice as many
/// each time it was in vain.
///
/// A value without clock. (`GroupCommitController` decides the same for the log's own thread, on slower disks.)
struct WriterGathering: Equatable {
    /// Turns without a wait that are left.
    private var pauseCount = 0
    /// How many turns the next pause has.
    private var nextPauseCount = Self.pauseCountMin
    /// How long a writer takes to come back while others do, averaged over the last waits.
    private var nanosecondsPerWriter: UInt64 = 1_000

    private static let pauseCountMin = 16
    private static let pauseCountMax = 1_024
    private static let nanosecondsPerWriterMax: UInt64 = 100_000

    /// A turn released so many writers.
    ///
    /// - Returns: whether to wait for them.
    mutating func waits(afterReleasing count: Int) -> Bool {
        guard count > 1 else { return false }
        guard pauseCount > 0 else { return true }
        pauseCount -= 1
        return false
    }

    /// How long to do something else before the driver looks again: half as long as the missing ones will probably take.
    /// So it looks seldom while many are missing, and finds the last one soon.
    func nanosecondsToNextLook(missing count: Int) -> UInt64 { UInt64(max(count, 0)) * nanosecondsPerWriter / 2 }

    /// So many of them were there at the end of the wait.
    ///
    /// - Parameters:
    ///   - missingCount: how many were not when it began.
    ///   - nanoseconds: how long it was.
    mutating func noteGathered(_ count: Int, of releasedCount: Int, missing missingCount: Int, nanoseconds: UInt64) {
        if count >= releasedCount, missingCount > 0 {
            let each = min(nanoseconds / UInt64(missingCount), Self.nanosecondsPerWriterMax)
            nanosecondsPerWriter = (nanosecondsPerWriter * 7 + each) / 8
        }
        if count * 4 >= releasedCount * 3 {
            nextPauseCount = Self.pauseCountMin
        } else {
            pauseCount = nextPauseCount
            nextPauseCount = min(nextPauseCount * 2, Self.pauseCountMax)
        }
    }
}
