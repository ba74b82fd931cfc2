import Consensus
import CoreTypes

/// What became of a record on the disk.
enum Damage: Hashable {
    case none
    /// The header is good and the bytes are not.
    case bytes
    /// Nobody can say what the record was.
    case header
}

/// A durable record of the model's log.
struct DiskRecord: Hashable {
    var record: PersistRecord
    var damage = Damage.none
}

/// What survives a crash of one replica: a log, and a checkpoint of the state machine.
struct Disk: Hashable {
    var identity: ReplicaIdentity
    var records: [DiskRecord] = []
    /// The values of slots 1, 2, 3… in the checkpoint.
    var checkpoint: [ValueDescriptor] = []
    /// The memberships as of the checkpoint.
    var memberships: [ScheduledMembership]
    /// Records of slots before are gone.
    var firstSlot: Slot = 1

    /// The record that stands for a slot.
    struct Best: Hashable {
        var ballot: Ballot
        var value: ValueDescriptor
        /// Its bytes are good.
        var isWhole: Bool
        /// No record after it is lost that may be of the same slot: what one acceptor writes rises in ballot, so an
        /// earlier one cannot supersede it.
        var isCertain = true
    }

    /// For each slot the record with the highest ballot; of equal ones a whole one.
    func bestRecords(_ mutant: Mutant?) -> [Slot: Best] {
        var best: [Slot: Best] = [:]
        for entry in records {
            guard case .accept(let accept) = entry.record, accept.slot >= firstSlot else { continue }
            if entry.damage == .header {
                if mutant != .unknownAsNo { for slot in best.keys { best[slot]?.isCertain = false } }
                continue
            }
            if mutant == .faultyAsNo, entry.damage == .bytes { continue }
            let found = Best(ballot: accept.ballot, value: accept.value, isWhole: entry.damage == .none)
            guard let known = best[accept.slot] else {
                best[accept.slot] = found
                continue
            }
            if mutant == .resurrectOldValue { continue }
            if found.ballot > known.ballot || found.ballot == known.ballot && (found.isWhole || !known.isWhole) {
                best[accept.slot] = found
            }
        }
        return best
    }

    /// The state that a replica starts from.
    func recover(windowSlotCount: Int, mutant: Mutant?) -> RecoveredState {
        var state = RecoveredState(memberships: memberships)
        let applied = Slot(rawValue: UInt64(checkpoint.count))
        state.appliedThrough = applied
        state.chosenThrough = applied
        state.firstRetainedSlot = firstSlot
        for entry in records where entry.damage != .header {
            switch entry.record {
            case .promise(let ballot) where mutant != .forgetPromise: state.promised = max(state.promised, ballot)
            case .chosen(let slot): state.chosenThrough = max(state.chosenThrough, slot)
            case .promise, .accept: break
            }
        }
        let best = bestRecords(mutant)
        var slot = firstSlot
        while slot <= state.chosenThrough {
            if best[slot].map({ $0.isWhole && $0.isCertain }) != true { Self.append(slot, to: &state.damaged) }
            slot = slot.next
        }
        for slot in best.keys.sorted() where slot > state.chosenThrough && mutant != .forgetAccepted {
            guard let found = best[slot] else { continue }
            state.accepted.append(
                RecoveredEntry(slot: slot, ballot: found.ballot, value: found.value, isWhole: found.isWhole))
        }
        addUnknown(to: &state, best, windowSlotCount: windowSlotCount, mutant)
        return state
    }

    /// Slots of which a lost record may have been.
    private func addUnknown(
        to state: inout RecoveredState, _ best: [Slot: Best], windowSlotCount: Int, _ mutant: Mutant?
    ) {
        let isSomethingLost = records.contains {
            guard $0.damage == .header, case .accept(let accept) = $0.record else { return false }
            return accept.slot > state.chosenThrough
        }
        guard isSomethingLost, mutant != .unknownAsNo else { return }
        for distance in 1...UInt64(windowSlotCount) {
            let slot = Slot(rawValue: state.chosenThrough.rawValue + distance)
            if best[slot]?.isCertain != true { Self.append(slot, to: &state.unknown) }
        }
    }

    /// Adds a slot to the ranges, which it follows.
    private static func append(_ slot: Slot, to ranges: inout [SlotRange]) {
        if let last = ranges.last, last.last.next == slot {
            ranges[ranges.count - 1].last = slot
        } else {
            ranges.append(SlotRange(first: slot, last: slot))
        }
    }
}
