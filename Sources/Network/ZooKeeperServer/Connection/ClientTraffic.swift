import CoreTypes

/// When clients were heard of: tells whether anybody has need of the loop but who waits for the disk.
struct ClientTraffic {
    /// A client that was heard of longer ago than this is taken to have no need of the loop now, in nanoseconds.
    static let quietNanoseconds: Int64 = 10_000_000

    /// Who was heard of last, and when, in nanoseconds of the monotonic clock.
    private var last = AttachmentID.none
    private var heardAt: Int64 = 0
    /// When it was another one than the time before.
    private var changedAt: Int64 = 0

    mutating func heard(from attachment: AttachmentID, at now: Int64) {
        if attachment != last {
            last = attachment
            changedAt = now
        }
        heardAt = now
    }

    /// Whether the loop may wait for the disk: nobody was heard of lately, or one client alone, whose one command is under
    /// way.
    ///
    /// - Parameter outstandingCount: commands of clients that are not answered yet.
    func isQuiet(at now: Int64, outstandingCount: Int) -> Bool {
        guard now - changedAt > Self.quietNanoseconds else { return false }
        return outstandingCount == 1 || outstandingCount == 0 && now - heardAt > Self.quietNanoseconds
    }
}
