internal import CoreTypes
internal import PosixIO
internal import SystemPackage

/// Finds out what a log holds and where it goes on. Reads only; `LogOpening` acts on it.
///
/// 1. Read the headers of all segments (`LogFiles`).
/// 2. Begin with the last segment before which no slot is that the caller needs; its first group says so.
/// 3. Collect every whole group header from there on (`SegmentScan`).
/// 4. Walk through them by number. For each group, and for each gap between two numbers, the decision table
///    (`GroupFacts.verdict`) says what to do.
/// 5. Where the log ends, say how it goes on: behind the last group if nothing but garbage is there, else in a new
///    segment, so that what was cut stays to be looked at and can never come back.
struct LogRecovery {
    let policy: RecoveryPolicy
    let firstSlotNeeded: Slot

    private(set) var log: RecoveredLog
    private(set) var live: [LiveSegment] = []
    private(set) var prepared: [PreparedSegment] = []
    /// Segments with groups that were cut; they must be retired before the first append.
    private(set) var cutSegments: [LogFiles.Segment] = []
    private(set) var position = WriterPosition()

    private var table: AcceptedTable
    /// The number of the group that comes next; nil before the first one of a log whose beginning was recycled.
    private var expected: UInt64?
    private var previous: ScannedGroup?
    private var isCut = false

    init(policy: RecoveryPolicy, firstSlotNeeded: Slot, identity: LogIdentity) {
        self.policy = policy
        self.firstSlotNeeded = firstSlotNeeded
        log = RecoveredLog(identity: identity)
        table = AcceptedTable(firstSlot: max(firstSlotNeeded, Slot(rawValue: 1)))
    }

    mutating func run(_ files: LogFiles) throws(LogError) {
        guard let lowest = files.segments.first?.header.ordinal else { return }
        for segment in files.segments {
            guard let offset = segment.damagedHeaderOffset else { continue }
            log.report.damages.append(
                LogDamage(path: segment.path, offset: offset, part: .oneSegmentHeader, wasDurable: true))
        }
        let start = try choose(files.segments)
        var scans: [SegmentScan] = []
        for segment in files.segments[start...] {
            var scan = SegmentScan(segment.file, segment.path, segment.header)
            try LogError.mapping { () throws(FileError) in try scan.scan() }
            scans.append(scan)
        }
        boundFormerSlots(start, scans)
        if files.segments[start].header.ordinal == 1 { expected = 1 }
        try walk(scans)
        if previous == nil, lowest != 1, !isCut {
            // The first segments were recycled, so that a later one was written to; and it has nothing.
            let first = files.segments[start]
            throw .damaged(
                LogDamage(
                    path: first.path, offset: Layout.firstGroupOffset, part: .groups(first: 1, last: 1),
                    wasDurable: true))
        }
        finish(files.segments, start, scans)
    }

    /// The place of the segment to begin with. Also makes the segments before it known.
    private mutating func choose(_ segments: [LogFiles.Segment]) throws(LogError) -> Int {
        var start = 0
        for place in segments.indices {
            var scan = SegmentScan(segments[place].file, segments[place].path, segments[place].header)
            let first = try LogError.mapping { () throws(FileError) in try scan.scanFirstGroup() }
            live.append(
                LiveSegment(
                    header: segments[place].header, path: segments[place].path, file: segments[place].file,
                    highestSlotBefore: first?.header.highestSlot ?? .none, firstGroup: first?.header.ordinal,
                    index: nil))
            guard let first, first.header.flags.contains(.first), first.areRecordsWhole else { continue }
            for case .state(let state) in first.stateChanges where place > 0 {
                live[place - 1].lowestSlot = state.previousLowestSlot
                live[place - 1].highestSlot = state.previousHighestSlot
            }
            if first.header.highestSlot < firstSlotNeeded { start = place }
        }
        return start
    }

    /// A segment whose first group is damaged does not say how high the slots before it go: no higher than its next
    /// whole group says, or the next segment.
    private mutating func boundFormerSlots(_ start: Int, _ scans: [SegmentScan]) {
        var bound = Slot(rawValue: .max)
        for place in live.indices.reversed() {
            if live[place].firstGroup == nil, live[place].ordinal > 1 {
                let next = place < start ? nil : scans[place - start].groups.first
                live[place].highestSlotBefore = next?.header.highestSlot ?? bound
            }
            bound = live[place].highestSlotBefore
        }
    }

    /// Judges every group and every gap, in the order of the log.
    private mutating func walk(_ scans: [SegmentScan]) throws(LogError) {
        let proofs = Proofs(scans)
        for place in scans.indices {
            for (number, group) in scans[place].groups.enumerated() {
                if let next = proofs.nextOrdinal[place], group.header.ordinal >= next { break }
                if let last = expected, group.header.ordinal < last { continue }
                try judgeGap(before: group, scans[place], proofs.durable(from: place, number))
                if isCut { return }
                if let last = previous, last.header.ordinal + 1 == group.header.ordinal,
                    last.chainValue != group.header.chain
                {
                    // A header that follows by its number and not by its chain is none of this log: it stays a gap.
                    continue
                }
                try judge(group, scans[place], proofs.durable(from: place, number + 1))
                if isCut { return }
            }
            let isLast = proofs.nextOrdinal[place] == nil
            guard isLast else { continue }
            if let offset = scans[place].unreadableOffset { try judgeUnreadableEnd(scans[place], offset) }
            // The next group may have found no room there.
            if place + 1 < scans.count, scans[place + 1].unreadableOffset == Layout.firstGroupOffset {
                try judgeUnreadableEnd(scans[place + 1], Layout.firstGroupOffset)
            }
            return
        }
    }

    /// Groups whose numbers are missing before a group.
    private mutating func judgeGap(
        before group: ScannedGroup, _ scan: SegmentScan, _ durableThrough: UInt64
    ) throws(LogError) {
        let ordinal = group.header.ordinal
        let isFirst = group.header.offset == Layout.firstGroupOffset
        let first = expected ?? (isFirst ? ordinal : ordinal - 1)
        guard first < ordinal else { return }
        let facts = GroupFacts(
            header: .bad, areRecordsWhole: false, wasDurable: durableThrough >= ordinal - 1, isSuperseded: false,
            policy: policy)
        let damage = LogDamage(
            path: position.segment?.path ?? scan.path,
            offset: position.segment == nil ? Layout.firstGroupOffset : position.offset,
            part: .groups(first: first, last: ordinal - 1), wasDurable: facts.wasDurable)
        switch facts.verdict {
        case .takeAsFaulty:
            log.report.damages.append(damage)
            if first < ordinal - 1 { loseGroups(before: group.header) }
            lose(group.header.previous)
        case .cut:
            cut(before: first, damage.path, damage.offset, nil)
        case .take, .endOfSegment, .cutPossiblyAcknowledged, .refuse:
            throw .damaged(damage)
        }
    }

    /// Several groups in a row are gone, of which only the last one is described by its successor.
    ///
    /// What they held was accepted after the last group before them and before this one. An acceptor writes nothing down
    /// for a slot that it knows to be chosen and has whole, so no slot up to `chosenThrough` is concerned; nor one
    /// above the highest slot of all, nor a ballot above the promise, which stands before the first record under it.
    private mutating func loseGroups(before header: GroupHeader) {
        if !table.addLost(log.chosenThrough.next, through: header.highestSlot, header.promised) {
            log.mayMissRecords = true
        }
        log.isStateUncertain = true
    }

    /// The records of one group are gone.
    private mutating func lose(_ summary: GroupSummary) {
        if summary.holdsState { log.isStateUncertain = true }
        guard !summary.isEmpty else { return }
        if !table.addLost(summary.lowestSlot, through: summary.highestSlot, summary.ballot) {
            log.mayMissRecords = true
        }
    }

    /// A group whose header is whole and which comes next.
    private mutating func judge(
        _ group: ScannedGroup, _ scan: SegmentScan, _ durableThrough: UInt64
    ) throws(LogError) {
        let facts = GroupFacts(
            header: .whole, areRecordsWhole: group.areRecordsWhole,
            wasDurable: durableThrough >= group.header.ordinal, isSuperseded: false, policy: policy)
        switch facts.verdict {
        case .take:
            take(group, scan)
        case .takeAsFaulty:
            log.report.damages.append(damage(of: group, scan, facts))
            take(group, scan)
        case .cutPossiblyAcknowledged:
            log.report.damages.append(damage(of: group, scan, facts))
            cut(before: group.header.ordinal, scan.path, group.header.offset, group.header)
        case .endOfSegment, .cut, .refuse:
            throw .damaged(damage(of: group, scan, facts))
        }
    }

    /// Nothing whole follows, and the disk does not give what stands there.
    private func judgeUnreadableEnd(_ scan: SegmentScan, _ offset: UInt64) throws(LogError) {
        let facts = GroupFacts(
            header: .unreadable, areRecordsWhole: false, wasDurable: false, isSuperseded: false, policy: policy)
        guard facts.verdict == .refuse else { return }
        let ordinal = expected ?? 1
        throw .damaged(
            LogDamage(
                path: scan.path, offset: offset, part: .groups(first: ordinal, last: ordinal), wasDurable: false))
    }

    private func damage(of group: ScannedGroup, _ scan: SegmentScan, _ facts: GroupFacts) -> LogDamage {
        LogDamage(
            path: scan.path, offset: group.header.offset, part: group.firstDamage ?? .recordTable,
            wasDurable: facts.wasDurable)
    }

    /// Takes what a group says.
    private mutating func take(_ group: ScannedGroup, _ scan: SegmentScan) {
        let header = group.header
        log.promised = max(log.promised, header.promised)
        log.chosenThrough = max(log.chosenThrough, header.chosenThrough)
        log.highestSlot = max(log.highestSlot, header.highestSlot)
        log.baseSlot = max(log.baseSlot, header.baseSlot)
        if header.flags.contains(.unsafeNoSync) { log.report.wasUnsafeNoSync = true }
        log.report.groupCount += 1
        log.report.recordCount += Int(header.recordCount)
        if group.isTableWhole {
            for record in scan.records[group.records] { table.add(record) }
        } else {
            lose(header.summary)
        }
        for change in group.stateChanges { apply(change) }
        previous = group
        expected = header.ordinal + 1
        position = WriterPosition(
            segment: PreparedSegment(header: scan.header, path: scan.path), offset: group.end,
            groupOrdinal: header.ordinal + 1, chain: group.chainValue, previous: header.summary,
            highestSlot: log.highestSlot, baseSlot: log.baseSlot, isMarked: header.flags.contains(.mark))
        log.report.wasCleanStop = header.flags.contains(.cleanStop)
    }

    private mutating func apply(_ change: ScannedGroup.StateChange) {
        switch change {
        case .membership(let membership): log.membership = membership
        case .base(let base):
            log.base = base
            log.baseSlot = max(log.baseSlot, base.slot)
        case .state(let state):
            log.membership = state.membership
            log.base = state.base
            log.baseSlot = max(log.baseSlot, state.base?.slot ?? .none)
            log.isStateUncertain = false
        case .damaged: log.isStateUncertain = true
        }
    }

    private mutating func cut(
        before ordinal: UInt64, _ path: FilePath, _ offset: UInt64, _ header: GroupHeader?
    ) {
        isCut = true
        var slots: ClosedRange<UInt64>?
        if let summary = header?.summary, !summary.isEmpty {
            slots = summary.lowestSlot.rawValue...summary.highestSlot.rawValue
        }
        log.report.cut = RecoveryReport.Cut(
            path: path, offset: offset, group: ordinal, mayHaveBeenAcknowledged: header != nil, slots: slots)
    }

    /// Says how the log goes on, and fills in the report.
    private mutating func finish(_ segments: [LogFiles.Segment], _ start: Int, _ scans: [SegmentScan]) {
        log.accepted = table.entries
        log.report.segmentCount = segments.count
        log.report.scannedSegmentCount = scans.count
        log.report.scannedByteCount = scans.reduce(0) { $0 + $1.scannedByteCount }
        let lastTaken = position.segment?.header.ordinal ?? 0
        for (place, scan) in scans.enumerated() {
            let end = scans.dropFirst(place + 1).first { !$0.groups.isEmpty }?.groups[0].header.ordinal ?? .max
            live[start + place].index = SegmentIndex(scan.records(before: min(end, position.groupOrdinal)))
            if scan.header.ordinal <= lastTaken { continue }
            if scan.groups.isEmpty {
                prepared.append(PreparedSegment(header: scan.header, path: scan.path))
            } else {
                cutSegments.append(segments[start + place])
            }
        }
        // What stands behind a segment that was cut goes with it: its number is needed.
        if let first = cutSegments.first?.header.ordinal {
            cutSegments = segments.filter { $0.header.ordinal >= first }
            prepared.removeAll { $0.header.ordinal >= first }
        }
        live.removeAll { $0.ordinal > lastTaken }
        if isCut { position.segment = nil }
    }
}
