internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import ZnodeTree

/// What consensus is told at a start: the log's findings, in its words.
struct AcceptorState {
    private let recovered: RecoveredLog
    private let memberships: [ScheduledMembership]
    private let tree: ZnodeTree
    private let log: DurableLog
    private let isClustered: Bool

    init(
        _ recovered: RecoveredLog, _ memberships: [ScheduledMembership], _ tree: ZnodeTree, _ log: DurableLog,
        isClustered: Bool
    ) {
        self.recovered = recovered
        self.memberships = memberships
        self.tree = tree
        self.log = log
        self.isClustered = isClustered
    }

    func state() throws(EngineError) -> RecoveredState {
        var state = RecoveredState(memberships: memberships)
        state.promised = recovered.promised
        state.appliedThrough = tree.appliedSlot
        state.chosenThrough = isClustered ? max(recovered.chosenThrough, tree.appliedSlot) : tree.appliedSlot
        state.firstRetainedSlot = isClustered ? log.firstRetainedSlot : tree.appliedSlot.next
        guard isClustered else { return state }
        for entry in recovered.accepted where entry.slot > state.chosenThrough {
            state.accepted.append(try describe(entry))
        }
        state.damaged = damaged(through: state.chosenThrough)
        state.damagedSlots = try damagedSlots(through: state.chosenThrough)
        if recovered.mayMissRecords, recovered.highestSlot > state.chosenThrough {
            state.unknown = [SlotRange(first: state.chosenThrough.next, last: recovered.highestSlot)]
        }
        state.unknown += gone(before: state.firstRetainedSlot, after: state.chosenThrough)
        return state
    }

    private func describe(_ entry: AcceptedEntry) throws(EngineError) -> RecoveredEntry {
        let bytes = ByteBuilder()
        do throws(LogError) {
            if entry.state != .faulty, let read = try log.read(entry.slot, into: bytes), read.state == .whole {
                var found = RecoveredEntry(slot: entry.slot, ballot: entry.ballot, value: Self.value(of: bytes))
                if entry.state == .uncertain { found.newerBallotMax = entry.lostBallot }
                return found
            }
        } catch {
            throw EngineError(log: error)
        }
        let lost = ValueDescriptor(byteCount: UInt32(entry.byteCount), checksum: 0, commandCount: 0)
        let ballot = max(entry.ballot, entry.lostBallot)
        return RecoveredEntry(slot: entry.slot, ballot: ballot, value: lost, isWhole: false)
    }

    private static func value(of bytes: ByteBuilder) -> ValueDescriptor {
        guard bytes.count > 0 else { return .noOp }
        let batch = ProposalBatch()
        let count = (try? ProposalHeader(bytes.bytes))?.commandCount ?? 0
        batch.replace(with: bytes.bytes, commandCount: Int(count))
        return batch.descriptor
    }

    /// Slots of which the log has nothing because it begins above them: their segments were recycled, which the store does
    /// not show any more, or were taken away.
    private func gone(before end: Slot, after chosen: Slot) -> [SlotRange] {
        var ranges: [SlotRange] = []
        var next = chosen.next
        for entry in recovered.accepted where entry.slot >= next && entry.slot < end {
            if next < entry.slot { ranges.append(SlotRange(first: next, last: entry.slot.previous)) }
            next = entry.slot.next
        }
        if next < end { ranges.append(SlotRange(first: next, last: end.previous)) }
        return ranges
    }

    /// What is known of the lost records of chosen slots. One up to the log's base may have come with a snapshot, and what
    /// stood in the log may be older and something else.
    private func damagedSlots(through last: Slot) throws(EngineError) -> [DamagedSlot] {
        var slots: [DamagedSlot] = []
        for entry in recovered.accepted where entry.slot > tree.appliedSlot && entry.slot <= last {
            let isBounded = !recovered.mayMissRecords && entry.slot > recovered.baseSlot
            switch entry.state {
            case .whole: continue
            case .faulty: slots.append(DamagedSlot(entry.slot, ballotMax: isBounded ? entry.ballot : nil))
            case .uncertain:
                let older = try describe(entry)
                slots.append(
                    DamagedSlot(
                        entry.slot, ballotMax: isBounded ? entry.lostBallot : nil,
                        older: older.isWhole ? older : nil))
            }
        }
        return slots
    }

    /// Slots that are chosen and not whole here, or not there at all.
    private func damaged(through last: Slot) -> [SlotRange] {
        var ranges: [SlotRange] = []
        var next = tree.appliedSlot.next
        // What is whole may have been superseded by a record that is lost.
        if recovered.mayMissRecords { return next <= last ? [SlotRange(first: next, last: last)] : [] }
        func miss(_ first: Slot, _ end: Slot) {
            if first <= end { ranges.append(SlotRange(first: first, last: end)) }
        }
        for entry in recovered.accepted where entry.slot > tree.appliedSlot && entry.slot <= last {
            guard entry.state == .whole else { continue }
            miss(next, entry.slot.previous)
            next = entry.slot.next
        }
        miss(next, last)
        return ranges
    }
}
