internal import CoreTypes
internal import PosixIO

/// Reads the whole log again, segment by segment, to find damage before it is needed. For a thread of low priority;
/// one thread at a time; the log may be written meanwhile.
package final class LogScrub {
    /// What was found in one segment.
    package struct Finding: Sendable, Equatable {
        package var segmentOrdinal: UInt64
        package var byteCount: UInt64
        package var damages: [LogDamage]
    }

    private let shared: LogShared
    /// The segment that was read last; 0 at the start of a round.
    private var lastOrdinal: UInt64 = 0

    init(_ shared: LogShared) { self.shared = shared }

    /// Reads the next segment, oldest first; nil when a round is done, and the next call begins another one.
    ///
    /// - Complexity: reads a segment once, in pieces of a megabyte.
    package func step() throws(LogError) -> Finding? {
        let (found, end) = shared.locked { target }
        guard let segment = found else {
            lastOrdinal = 0
            return nil
        }
        lastOrdinal = segment.ordinal
        var finding = Finding(segmentOrdinal: segment.ordinal, byteCount: 0, damages: [])
        do throws(LogError) {
            let header = try LogFiles.read(segment.file, segment.path, segment.ordinal)
            if let offset = header.damagedHeaderOffset {
                let part = LogDamage.Part.oneSegmentHeader
                finding.damages.append(LogDamage(path: segment.path, offset: offset, part: part, wasDurable: true))
            }
        } catch {
            guard case .damaged(let damage) = error else { throw error }
            finding.damages.append(damage)
        }
        var scan = SegmentScan(segment.file, segment.path, segment.header)
        try LogError.mapping { () throws(FileError) in try scan.scan() }
        finding.byteCount = scan.scannedByteCount
        finding.damages += damages(in: scan, of: segment, before: end)
        // What was retired in the meantime may be overwritten, and is nobody's loss.
        if !shared.locked({ shared.catalog.live.contains { $0 === segment } }) { finding.damages = [] }
        return finding
    }

    /// The next segment, and the number of the first group behind those that it must have. Under the lock.
    private var target: (LiveSegment?, UInt64) {
        let live = shared.catalog.live
        guard let place = live.firstIndex(where: { $0.ordinal > lastOrdinal }) else { return (nil, 0) }
        let next = place + 1 < live.count ? live[place + 1].firstGroup : nil
        return (live[place], next ?? shared.durableGroup + 1)
    }

    private func damages(in scan: SegmentScan, of segment: LiveSegment, before end: UInt64) -> [LogDamage] {
        var damages: [LogDamage] = []
        var expected = segment.firstGroup ?? scan.groups.first?.header.ordinal ?? end
        var offset = Layout.firstGroupOffset
        func note(_ part: LogDamage.Part, _ offset: UInt64) {
            damages.append(LogDamage(path: segment.path, offset: offset, part: part, wasDurable: true))
        }
        for group in scan.groups where group.header.ordinal < end {
            let ordinal = group.header.ordinal
            if ordinal > expected { note(.groups(first: expected, last: ordinal - 1), offset) }
            if let part = group.firstDamage { note(part, group.header.offset) }
            expected = ordinal + 1
            offset = group.end
        }
        if expected < end { note(.groups(first: expected, last: end - 1), offset) }
        return damages
    }
}
