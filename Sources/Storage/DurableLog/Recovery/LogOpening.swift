internal import CoreTypes
internal import PosixIO
internal import Synchronization
internal import SystemPackage

/// Opens a log: acts on what recovery found, so that everything it was decided upon is durable before the first record
/// is taken.
struct LogOpening {
    let fileSystem: any FileSystem
    let directory: FilePath
    let options: LogOptions
    let firstSlotNeeded: Slot
    let onProgress: @Sendable () -> Void

    /// What an open log consists of.
    struct Parts {
        var shared: LogShared
        var writer: LogWriter
        var preparer: SegmentPreparer
        var recovered: RecoveredLog
        var probe: [SyncModeProbe.Result]
    }

    func open(_ identity: LogIdentity?) throws(LogError) -> Parts {
        if let flaw = options.flaw { throw .options(flaw) }
        let start = MonotonicClock.nanoseconds
        var random = LogRandom(seed: options.randomSeed)
        let files = try LogFiles(fileSystem, directory, isSyncing: options.syncMode != .unsafeNoSync)
        let owner = try Self.owner(of: files, expected: identity) ?? LogIdentity(using: &random)
        var recovery = LogRecovery(policy: options.policy, firstSlotNeeded: firstSlotNeeded, identity: owner)
        try recovery.run(files)
        var log = recovery.log
        log.report.isNew = log.report.groupCount == 0
        if log.report.isNew, !options.mayCreate { throw .missing(directory: directory) }
        if options.policy == .alone { try checkSlots(log) }
        do throws(FileError) {
            log.report.cut = try cutTail(recovery.position) ?? log.report.cut
            let parts = try act(recovery, log, files, random)
            var finished = parts
            finished.recovered.report.durationNanoseconds = MonotonicClock.nanoseconds - start
            return finished
        } catch {
            throw .file(error)
        }
    }

    /// What a log holds, without changing anything.
    static func inspect(
        _ fileSystem: any FileSystem, _ directory: FilePath, policy: RecoveryPolicy, firstSlotNeeded: Slot
    ) throws(LogError) -> RecoveredLog {
        let start = MonotonicClock.nanoseconds
        let files = try LogFiles(fileSystem, directory, isSyncing: false)
        guard let owner = try owner(of: files, expected: nil) else { throw .missing(directory: directory) }
        var recovery = LogRecovery(policy: policy, firstSlotNeeded: firstSlotNeeded, identity: owner)
        try recovery.run(files)
        var log = recovery.log
        log.report.durationNanoseconds = MonotonicClock.nanoseconds - start
        return log
    }

    /// Whose log it is: all segments agree, and with what the caller expects.
    private static func owner(of files: LogFiles, expected: LogIdentity?) throws(LogError) -> LogIdentity? {
        var owner = expected
        for segment in files.segments {
            let found = LogIdentity(clusterID: segment.header.clusterID, incarnation: segment.header.incarnation)
            if let owner, owner != found {
                throw .identityMismatch(path: segment.path, expected: owner, found: found)
            }
            owner = found
        }
        return owner
    }

    /// Alone, slots have no gaps: one that is missing was taken away.
    private func checkSlots(_ log: RecoveredLog) throws(LogError) {
        var next = max(firstSlotNeeded, Slot(rawValue: 1), (log.base?.slot ?? .none).next)
        for entry in log.accepted where entry.slot >= next {
            guard entry.slot == next else {
                throw .missingSlots(directory: directory, first: next, last: entry.slot.previous)
            }
            next = next.next
        }
        if log.highestSlot >= next { throw .missingSlots(directory: directory, first: next, last: log.highestSlot) }
    }

    /// Makes the block zero in which the next group will begin, durable before anything else, so that no rest of an
    /// unfinished group is ever read again. Says what was cut if it looks like a group of this place.
    private func cutTail(_ position: WriterPosition) throws(FileError) -> RecoveryReport.Cut? {
        guard let segment = position.segment else { return nil }
        let end = Layout.groupsEnd(segmentByteCount: segment.header.segmentByteCount)
        guard position.offset + UInt64(Layout.blockByteCount) <= end else { return nil }
        let block = AlignedBuffer(byteCount: Layout.blockByteCount)
        let file = try fileSystem.open(segment.path, .write)
        var span = block.mutableBytes(0..<Layout.blockByteCount)
        _ = try file.read(into: &span, at: position.offset)
        let bytes = block.bytes(0..<Layout.blockByteCount)
        let isZero = stride(from: 0, to: Layout.blockByteCount, by: 8).allSatisfy { bytes.uint64(at: $0) == 0 }
        if isZero { return nil }
        let signs = [
            bytes.uint32(at: 0) == Layout.groupMagic,
            bytes.identifier(at: 8) == segment.header.generation,
            bytes.uint64(at: 24) == position.groupOrdinal,
            bytes.uint64(at: 32) == position.offset,
        ]
        block.fillWithZeros(0..<Layout.blockByteCount)
        try file.write(block.bytes(0..<Layout.blockByteCount), at: position.offset)
        if options.syncMode != .unsafeNoSync { try file.sync() }
        guard signs.count(where: { $0 }) >= 2 else { return nil }
        return RecoveryReport.Cut(
            path: segment.path, offset: position.offset, group: position.groupOrdinal,
            mayHaveBeenAcknowledged: false, slots: nil)
    }

    private func act(
        _ recovery: LogRecovery, _ log: RecoveredLog, _ files: LogFiles, _ random: LogRandom
    ) throws(FileError) -> Parts {
        for segment in recovery.cutSegments.reversed() {
            try rename(segment.path, .cut(segment.header.ordinal))
        }
        var catalog = SegmentCatalog()
        catalog.live = recovery.live
        catalog.spares = files.spares
        catalog.prepared = recovery.prepared
        // Segments that were prepared with another size are made anew, the last one first, so that no gap shows.
        while let last = catalog.prepared.last, last.header.segmentByteCount != UInt64(options.segmentByteCount) {
            catalog.spares.append(try rename(last.path, .spare(last.header.ordinal)))
            catalog.prepared.removeLast()
        }
        for path in files.unfinished { try fileSystem.remove(path) }
        let probe = options.syncMode == nil ? try SyncModeProbe.run(fileSystem, directory) : []
        let mode = options.syncMode ?? SyncModeProbe.choose(probe)

        let shared = LogShared(
            fileSystem: fileSystem, directory: directory, options: options, recovered: log, catalog: catalog,
            onProgress: onProgress)
        let preparer = SegmentPreparer(shared, mode: mode, random: random)
        let writer = try LogWriter(shared, mode: mode, position: recovery.position)
        try begin(writer, preparer, shared, isMarked: recovery.position.isMarked)
        return Parts(shared: shared, writer: writer, preparer: preparer, recovered: log, probe: probe)
    }

    @discardableResult
    private func rename(_ path: FilePath, _ name: SegmentName) throws(FileError) -> FilePath {
        let target = directory.appending(name.string)
        try fileSystem.rename(path, to: target)
        if options.syncMode != .unsafeNoSync { try fileSystem.syncDirectory(directory) }
        return target
    }

    /// Writes a mark, so that what recovery found is followed by a group: from here on, damage to it shows as damage.
    private func begin(
        _ writer: LogWriter, _ preparer: SegmentPreparer, _ shared: LogShared, isMarked: Bool
    ) throws(FileError) {
        if isMarked { return }
        var outcome = writer.writeMark(isCleanStop: false, mayTakeReserve: true)
        while outcome == .stalled, preparer.step() == .worked {
            outcome = writer.writeMark(isCleanStop: false, mayTakeReserve: true)
        }
        if let failure = shared.locked({ shared.failure }) { throw failure.error }
        // A full disk and a full segment: an old log can be opened and read, a new one cannot be begun.
        if outcome != .wrote, shared.catalog.live.isEmpty {
            throw FileError(.allocate, directory, errno: .noSpace)
        }
    }
}
