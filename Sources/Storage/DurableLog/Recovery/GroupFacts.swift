/// What is known of the group that should come next, or of the place where it should stand.
struct GroupFacts: Hashable, Sendable {
    enum Header: Hashable, Sendable, CaseIterable {
        case whole
        /// The bytes are there and are no header of this place, life and chain.
        case bad
        /// The disk does not give them.
        case unreadable
    }

    var header: Header
    /// Table and payloads agree with their checksums; has no meaning without a header.
    var areRecordsWhole: Bool
    /// A later group says that this one was durable when it was written: a mark, or any other.
    var wasDurable: Bool
    /// The next segment begins with this group's number: what stands here was cut before.
    var isSuperseded: Bool
    var policy: RecoveryPolicy
}

/// What recovery does about it.
enum GroupVerdict: Hashable, Sendable, CaseIterable {
    /// Takes its records.
    case take
    /// Goes on in the next segment.
    case endOfSegment
    /// The log ends before it; it was never acknowledged.
    case cut
    /// The log ends before it; it may have been acknowledged, which is reported.
    case cutPossiblyAcknowledged
    /// Takes its whole records; the others, or the slots that it named, are faulty.
    case takeAsFaulty
    /// It was acknowledged and there is no other copy, or it may have held a promise that nobody else knows: the log is
    /// not opened.
    case refuse
}

extension GroupFacts {
    /// The decision table. The article "Crash safety" gives the reason for every row.
    var verdict: GroupVerdict {
        if isSuperseded { return .endOfSegment }
        switch (header, wasDurable, policy) {
        case (.whole, _, _) where areRecordsWhole: return .take
        case (.whole, false, .alone): return .cutPossiblyAcknowledged
        case (.whole, true, .alone): return .refuse
        case (.whole, _, .cluster): return .takeAsFaulty
        case (.bad, false, _): return .cut
        case (.bad, true, .alone), (.unreadable, _, .alone), (.unreadable, false, .cluster): return .refuse
        case (.bad, true, .cluster), (.unreadable, true, .cluster): return .takeAsFaulty
        }
    }
}
