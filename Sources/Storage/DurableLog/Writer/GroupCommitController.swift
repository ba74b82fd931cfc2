/// Decides how long the log writer waits for more records before it writes a group.
///
/// A writer that never waits is best while a sync is shorter than the time a client takes to come back: what arrives
/// during a sync forms the next group by itself. On a slower disk the clients split into two cohorts, and each waits
/// for the other's sync; waiting for about one turnaround joins them again. So the controller
///
/// 1. never waits with one writer, nor when nine tenths of the writers are there already;
/// 2. never waits on a fast disk, nor when clients take about as long as a sync;
/// 3. never waits when the group is so large that more bytes would cost more time;
/// 4. waits otherwise for a little more than one turnaround, and never longer than half a sync.
///
/// A value without clock: whoever owns it measures. Times are nanoseconds.
package struct GroupCommitController: Sendable, Equatable {
    /// A sync below this is fast: a wait would cost more than it brings.
    package static let fastSyncNanoseconds: UInt64 = 400_000
    /// A group of this many bytes gains nothing by more.
    package static let fullByteCount = 256 * 1024

    /// The time of a sync, averaged over the last ones; 0 before the first.
    package private(set) var syncNanoseconds: UInt64 = 0
    /// The time from the end of a sync until half of the writers it released were back; 0 before it is known.
    package private(set) var turnaroundNanoseconds: UInt64 = 0

    package init() {}

    /// A sync took so long.
    package mutating func noteSync(nanoseconds: UInt64) {
        syncNanoseconds = Self.average(syncNanoseconds, nanoseconds)
    }

    /// Half of the writers that a sync released were back after so long; or it is a time after which they were not.
    package mutating func noteTurnaround(nanoseconds: UInt64) {
        turnaroundNanoseconds = Self.average(turnaroundNanoseconds, max(nanoseconds, 1))
    }

    /// How long to wait from now on for more records; 0 means write.
    ///
    /// - Parameters:
    ///   - pendingCount: clients whose records wait to be written.
    ///   - pendingByteCount: their bytes.
    ///   - writersInFlight: clients that wait for an answer, those of the pending records included.
    package func waitNanoseconds(pendingCount: Int, pendingByteCount: Int, writersInFlight: Int) -> UInt64 {
        if writersInFlight <= 1 || pendingCount * 10 >= writersInFlight * 9 { return 0 }
        if pendingByteCount >= Self.fullByteCount { return 0 }
        if syncNanoseconds < Self.fastSyncNanoseconds { return 0 }
        if turnaroundNanoseconds == 0 || turnaroundNanoseconds * 10 >= syncNanoseconds * 9 { return 0 }
        return min(syncNanoseconds / 2, turnaroundNanoseconds * 13 / 10)
    }

    /// An average that forgets: an eighth of the new value, seven eighths of the old one.
    private static func average(_ old: UInt64, _ new: UInt64) -> UInt64 {
        old == 0 ? new : old - old / 8 + new / 8
    }
}
