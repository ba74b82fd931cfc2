internal import CoreTypes

/// The acceptor's entries by slot, built in the order of the log. Source: Lamport, *Paxos Made Simple*, §2.2: of what
/// was accepted for a slot, the highest ballot stands.
struct AcceptedTable {
    /// Slots below are not kept.
    let firstSlot: Slot
    /// Ascending by slot.
    private(set) var entries: [AcceptedEntry] = []

    init(firstSlot: Slot) { self.firstSlot = firstSlot }

    /// A record, whole or not.
    mutating func add(_ record: LocatedRecord) {
        let entry = AcceptedEntry(
            slot: record.slot, ballot: record.ballot, byteCount: Int(record.byteCount),
            state: record.isDamaged ? .faulty : .whole, isChosen: record.kind == .chosen)
        put(entry)
    }

    /// No destroyed group spans more slots than this; bounds that do are not believed one by one.
    private static let spanMax: UInt64 = 1 << 20

    /// Records are gone that may have been of any of these slots, under any ballot up to one.
    ///
    /// A whole entry under that ballot or a higher one stands: one ballot has one value for a slot. One under a lower
    /// ballot becomes uncertain. Where nothing stood, something may have been.
    ///
    /// - Returns: false if the slots are too many to be listed.
    mutating func addLost(_ first: Slot, through last: Slot, _ ballot: Ballot) -> Bool {
        var slot = max(first, firstSlot)
        guard slot <= last else { return true }
        guard last.rawValue - slot.rawValue < Self.spanMax else { return false }
        while slot <= last {
            let place = place(of: slot)
            if place < entries.count, entries[place].slot == slot {
                lose(place, ballot)
            } else {
                let lost = AcceptedEntry(slot: slot, ballot: ballot, byteCount: 0, state: .faulty, isChosen: false)
                entries.insert(lost, at: place)
            }
            slot = slot.next
        }
        return true
    }

    private mutating func lose(_ place: Int, _ ballot: Ballot) {
        // What is chosen stays chosen.
        guard !entries[place].isChosen, ballot > entries[place].ballot else { return }
        switch entries[place].state {
        case .faulty:
            entries[place].ballot = ballot
            entries[place].byteCount = 0
        case .whole, .uncertain:
            entries[place].state = .uncertain
            entries[place].lostBallot = max(entries[place].lostBallot, ballot)
        }
    }

    private mutating func put(_ entry: AcceptedEntry) {
        guard entry.slot >= firstSlot else { return }
        let place = place(of: entry.slot)
        if place == entries.count {
            entries.append(entry)
        } else if entries[place].slot != entry.slot {
            entries.insert(entry, at: place)
        } else if Self.replaces(entry, entries[place]) {
            entries[place] = entry
        }
    }

    /// Does a later entry stand for the slot instead of an earlier one?
    private static func replaces(_ later: AcceptedEntry, _ earlier: AcceptedEntry) -> Bool {
        if earlier.tellsOfLostRecords { return true }
        if later.state == .faulty, earlier.state == .whole {
            // One value for one ballot: the whole copy answers for both. What is chosen stays chosen.
            if earlier.isChosen { return false }
            return later.isChosen ? later.ballot != earlier.ballot : later.ballot > earlier.ballot
        }
        if later.isChosen != earlier.isChosen { return later.isChosen }
        return later.isChosen || later.ballot >= earlier.ballot
    }

    /// The place of a slot, or where it would be. Slots mostly ascend, so that the end is looked at first.
    private func place(of slot: Slot) -> Int {
        guard let last = entries.last, slot <= last.slot else { return entries.count }
        var low = 0
        var high = entries.count - 1
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].slot < slot { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
