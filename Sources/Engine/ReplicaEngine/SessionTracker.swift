internal import CoreTypes

/// Decides which sessions have not been heard of for longer than their timeout.
///
/// A wheel of buckets, one a period; a session lies in the bucket of a deadline it had once, and is looked at again
/// when that bucket comes due: if it was heard of since, it moves on. So a touch is one table access and the work of
/// a tick is proportional to the sessions that come due, not to all of them.
///
/// Nothing here is replicated: an expiry takes effect by a command, which names the attachment that was seen.
struct SessionTracker {
    private struct Entry {
        var timeoutMilliseconds: UInt64
        /// The last tick at which the session was heard of. Never decreases.
        var heard: Tick
    }

    /// The granularity of expiry: a session expires at most this much later than its timeout says.
    private let periodMilliseconds: UInt64
    private var entries: [SessionID: Entry] = [:]
    private var buckets: [UInt64: [SessionID]] = [:]
    /// The first bucket that has not been looked at. Invariant: every session lies in a bucket at or after it.
    private var firstBucket: UInt64

    init(periodMilliseconds: UInt64, now: Tick) {
        invariant(periodMilliseconds > 0, "a period of no length")
        self.periodMilliseconds = periodMilliseconds
        self.firstBucket = now.rawValue / periodMilliseconds
    }

    /// Sessions that are watched over.
    var count: Int { entries.count }

    /// Starts to watch over a session, or starts its time anew.
    mutating func add(_ session: SessionID, timeoutMilliseconds: UInt64, now: Tick) {
        let isNew = entries[session] == nil
        entries[session] = Entry(timeoutMilliseconds: timeoutMilliseconds, heard: now)
        if isNew { place(session, deadline: now.rawValue + timeoutMilliseconds) }
    }

    /// Stops to watch over a session; its bucket forgets it when it comes due.
    mutating func remove(_ session: SessionID) { entries[session] = nil }

    /// A session was heard of.
    mutating func touch(_ session: SessionID, now: Tick) {
        entries[session]?.heard = now
    }

    /// Gives every session its full timeout again: after a start, nobody could have been heard of.
    mutating func restartAll(now: Tick) {
        for session in entries.keys { entries[session]?.heard = now }
    }

    /// Takes out the sessions whose time is over, in the order of their numbers.
    mutating func takeExpired(now: Tick) -> [SessionID] {
        var expired: [SessionID] = []
        while (firstBucket + 1) * periodMilliseconds <= now.rawValue {
            let due = buckets.removeValue(forKey: firstBucket) ?? []
            firstBucket += 1
            for session in due {
                guard let entry = entries[session] else { continue }
                let deadline = entry.heard.rawValue + entry.timeoutMilliseconds
                if deadline <= now.rawValue {
                    entries[session] = nil
                    expired.append(session)
                } else {
                    place(session, deadline: deadline)
                }
            }
        }
        return expired.sorted()
    }

    private mutating func place(_ session: SessionID, deadline: UInt64) {
        // The bucket that is wholly past only when the deadline is.
        buckets[max(deadline / periodMilliseconds, firstBucket), default: []].append(session)
    }
}
