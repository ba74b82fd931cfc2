package import SystemPackage

/// What opening a log found and did.
package struct RecoveryReport: Equatable, Sendable {
    /// A place behind which the log was cut.
    package struct Cut: Equatable, Sendable {
        package var path: FilePath
        package var offset: UInt64
        /// The number of the first group that is gone.
        package var group: UInt64
        /// Its header was whole: it may have been acknowledged before it was damaged. False: it never was.
        package var mayHaveBeenAcknowledged: Bool
        /// The slots that it named.
        package var slots: ClosedRange<UInt64>?
    }

    /// There was no log before.
    package var isNew = false
    /// The last life of the log was ended in order.
    package var wasCleanStop = false
    package var cut: Cut?
    package var damages: [LogDamage] = []
    /// Segments that belong to the log, and those of them that were read.
    package var segmentCount = 0
    package var scannedSegmentCount = 0
    package var scannedByteCount: UInt64 = 0
    package var groupCount = 0
    package var recordCount = 0
    package var durationNanoseconds: UInt64 = 0
    /// Part of the log was written without syncs: what was acknowledged then may be missing.
    package var wasUnsafeNoSync = false

    package init() {}

    /// One line for people.
    package var summary: String {
        var parts = [
            isNew ? "new log" : wasCleanStop ? "after a clean stop" : "after an unclean end",
            "\(scannedSegmentCount) of \(segmentCount) segments read", "\(recordCount) records in \(groupCount) groups",
            "\(durationNanoseconds / 1_000_000) ms",
        ]
        if let cut {
            let fate = cut.mayHaveBeenAcknowledged ? "POSSIBLY ACKNOWLEDGED" : "never acknowledged"
            parts.append("cut group \(cut.group) at \(cut.path), offset \(cut.offset) (\(fate))")
        }
        parts += damages.map(\.description)
        if wasUnsafeNoSync { parts.append("UNSAFE: written without syncs") }
        return parts.joined(separator: ", ")
    }
}
