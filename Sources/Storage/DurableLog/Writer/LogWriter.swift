internal import CoreTypes
internal import PosixIO
internal import Synchronization

/// Makes groups durable, one after the other. Used by whoever holds its `role`: the writer's thread, the thread that
/// appends where it writes itself, or whoever steps it by hand.
final class LogWriter: @unchecked Sendable {
    // Guarded by `role`; what it shares is guarded by `LogShared.lock`, which is taken after it.

    /// Whoever holds it is the writer. Held during writes, and never while its holder sleeps.
    let role = Lock()
    /// The writer's thread will wake by itself to write a mark.
    var willMark = false

    enum Outcome: Equatable {
        case wrote
        /// There was nothing to write.
        case idle
        /// The group does not fit into the segment, and no other one is prepared.
        case stalled
        case failed
    }

    private let shared: LogShared
    let mode: SyncMode
    private(set) var controller = GroupCommitController()
    private var position: WriterPosition
    private var file: (any File)?
    private var groupsEnd: UInt64 = 0
    /// Groups of the writer itself: marks and states.
    private let own: GroupBuffer
    private var chosenThroughWritten: Slot
    private(set) var lastWriteNanoseconds: UInt64

    init(_ shared: LogShared, mode: SyncMode, position: WriterPosition) throws(FileError) {
        self.shared = shared
        self.mode = mode
        self.position = position
        let overhead = 2 * Layout.blockByteCount
        own = GroupBuffer(byteCount: shared.options.stateByteCountMax + overhead)
        chosenThroughWritten = shared.chosenThrough
        lastWriteNanoseconds = MonotonicClock.nanoseconds
        shared.durableGroup = position.groupOrdinal - 1
        if let segment = position.segment {
            file = try shared.fileSystem.open(segment.path, mode.fileOptions)
            groupsEnd = Layout.groupsEnd(segmentByteCount: segment.header.segmentByteCount)
            shared.activeByteCountLeft = groupsEnd - min(position.offset, groupsEnd)
        }
    }

    /// Is the last group without a mark, or does the last mark not know what is chosen?
    var needsMark: Bool {
        !position.isMarked || shared.locked { shared.chosenThrough } != chosenThroughWritten
    }

    /// Writes the oldest group that may be written.
    func writeGroup() -> Outcome {
        if shared.hasFailed.load(ordering: .acquiring) { return .failed }
        guard let group = shared.locked({ shared.isWorkDue ? shared.takeGroup() : nil }) else { return .idle }
        do throws(FileError) {
            let isEmpty = group.summary.isEmpty
            guard try makeRoom(for: group, mayTakeReserve: isEmpty) else {
                shared.locked { shared.putBackGroup() }
                return .stalled
            }
            try write(group, [])
        } catch {
            shared.fail(error)
            return .failed
        }
        complete(group)
        return .wrote
    }

    /// Writes a mark behind the last group, if there is room for it: a mark alone is not worth the reserve.
    func writeMark(isCleanStop: Bool, mayTakeReserve: Bool = false) -> Outcome {
        if shared.hasFailed.load(ordering: .acquiring) { return .failed }
        do throws(FileError) {
            own.removeAll()
            shared.locked {
                if shared.pending.isEmpty, shared.inFlight == nil { own.chosenThrough = shared.chosenThrough }
            }
            guard try makeRoom(for: own, mayTakeReserve: mayTakeReserve) else { return .stalled }
            // What waits for a group of its own is not in the mark; what was only to be known by and by is.
            let covered = shared.locked { shared.pending.isEmpty ? shared.lastSequence : nil }
            try write(own, isCleanStop ? [.mark, .cleanStop] : .mark)
            if let covered { shared.durableSequence.store(covered.rawValue, ordering: .releasing) }
        } catch {
            shared.fail(error)
            return .failed
        }
        shared.locked {
            shared.counters.markCount += 1
            shared.counters.writtenByteCount += UInt64(own.byteCount)
        }
        return .wrote
    }

    /// Goes on in the next segment if a group does not fit into this one; false if there is none.
    private func makeRoom(for group: GroupBuffer, mayTakeReserve: Bool) throws(FileError) -> Bool {
        if file != nil, position.offset + UInt64(group.byteCount) <= groupsEnd { return true }
        guard let next = shared.locked({ shared.takePrepared(mayTakeReserve) }) else { return false }
        try begin(next)
        return true
    }

    /// Opens a prepared segment with a group that restates the log's state.
    private func begin(_ segment: PreparedSegment) throws(FileError) {
        let reading = try shared.fileSystem.open(segment.path, [])
        file = try shared.fileSystem.open(segment.path, mode.fileOptions)
        position.segment = segment
        position.offset = Layout.firstGroupOffset
        groupsEnd = Layout.groupsEnd(segmentByteCount: segment.header.segmentByteCount)

        let builder = ByteBuilder(capacity: 256)
        shared.locked { () throws(Never) in
            let closed = shared.catalog.live.last
            if let closed, let index = closed.index {
                closed.lowestSlot = index.lowestSlot
                closed.highestSlot = index.highestSlot
            }
            StateRecord(
                previousLowestSlot: closed?.lowestSlot ?? Slot(rawValue: .max),
                previousHighestSlot: closed?.highestSlot ?? .none,
                membership: shared.membership, base: shared.base
            ).encode(into: builder)
        }
        let buffer = GroupBuffer(byteCount: builder.count + 2 * Layout.blockByteCount)
        buffer.append(.state, .none, .none, builder.bytes)
        try write(buffer, .first)
        shared.locked {
            shared.counters.groupCount += 1
            shared.counters.writtenByteCount += UInt64(buffer.byteCount)
            shared.catalog.live.append(
                LiveSegment(
                    header: segment.header, path: segment.path, file: reading,
                    highestSlotBefore: position.highestSlot, firstGroup: position.groupOrdinal - 1,
                    index: SegmentIndex()))
        }
        shared.preparerWake.signal()
    }

    /// Closes a group and makes it durable at the writer's position.
    private func write(_ group: GroupBuffer, _ flags: GroupFlags) throws(FileError) {
        guard let file, let segment = position.segment else { return }
        var header = GroupHeader(
            generation: segment.header.generation, ordinal: position.groupOrdinal, offset: position.offset,
            payloadByteCount: group.payloadByteCount, recordCount: group.entries.count,
            summary: group.summary, flags: mode.isUnsafe ? flags.union(.unsafeNoSync) : flags)
        shared.locked {
            header.promised = shared.promised
            // Never ahead of the records that say what was chosen: they may be in a group behind this one.
            header.chosenThrough = max(chosenThroughWritten, group.chosenThrough)
        }
        header.chain = position.chain
        header.durableThrough = mode.isUnsafe ? 0 : position.groupOrdinal - 1
        header.highestSlot = max(position.highestSlot, group.summary.highestSlot)
        header.baseSlot = max(position.baseSlot, group.baseSlot)
        header.previous = position.previous
        let chain = group.close(&header)

        let start = MonotonicClock.nanoseconds
        let memory = group.memory
        try file.write(memory.bytes(0..<group.byteCount), at: position.offset)
        if mode == .syncCall { try file.sync() }
        lastWriteNanoseconds = MonotonicClock.nanoseconds

        position.offset += UInt64(group.byteCount)
        position.groupOrdinal += 1
        position.chain = chain
        position.previous = group.summary
        position.highestSlot = header.highestSlot
        position.baseSlot = header.baseSlot
        position.isMarked = flags.contains(.mark)
        chosenThroughWritten = header.chosenThrough
        let took = lastWriteNanoseconds - start
        controller.noteSync(nanoseconds: took)
        shared.locked {
            shared.counters.syncTime.add(nanoseconds: took)
            shared.activeByteCountLeft = groupsEnd - position.offset
            shared.durableGroup = position.groupOrdinal - 1
        }
    }

    /// Publishes a durable group.
    private func complete(_ group: GroupBuffer) {
        let groupOffset = position.offset - UInt64(group.byteCount)
        shared.locked {
            if let active = shared.catalog.live.last {
                for (entry, checksum) in zip(group.entries, group.checksums) where entry.kind.isProposal {
                    active.index?.append(LocatedRecord(entry, checksum: checksum, groupOffset: groupOffset))
                }
            }
            shared.counters.groupCount += 1
            shared.counters.recordCount += UInt64(group.entries.count)
            shared.counters.payloadByteCount += UInt64(group.payloadByteCount)
            shared.counters.writtenByteCount += UInt64(group.byteCount)
            shared.turnaround.released(group.writerCount, at: lastWriteNanoseconds)
            shared.durableSequence.store(group.lastSequence.rawValue, ordering: .releasing)
            shared.inFlight = nil
            shared.recycle(group)
            shared.controller = controller
        }
    }

    /// How long to wait for more records before the group that is due is written; nil if none is due.
    func waitNanoseconds() -> UInt64? {
        shared.locked { () throws(Never) -> UInt64? in
            guard shared.isWorkDue else { return nil }
            if let sample = shared.turnaround.takeSample() { controller.noteTurnaround(nanoseconds: sample) }
            // A full group, or the end of the log, does not wait.
            guard shared.pending.count == 1, !shared.isClosing else { return 0 }
            return controller.waitNanoseconds(
                pendingCount: shared.pending[0].writerCount, pendingByteCount: shared.pending[0].byteCount,
                writersInFlight: shared.writersInFlight)
        }
    }
}
