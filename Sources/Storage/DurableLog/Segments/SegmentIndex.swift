internal import CoreTypes

/// The proposals of one segment, in the order in which they were written.
struct SegmentIndex: Sendable {
    private(set) var records: [LocatedRecord] = []
    private(set) var lowestSlot = Slot(rawValue: .max)
    private(set) var highestSlot = Slot.none
    /// Each slot is higher than the one before it, so that a search can halve.
    private var isAscending = true

    init() {}

    /// Takes over records in the order in which they were written.
    init(_ records: [LocatedRecord]) {
        self.records = records
        for record in records { note(record) }
    }

    mutating func append(_ record: LocatedRecord) {
        note(record)
        records.append(record)
    }

    private mutating func note(_ record: LocatedRecord) {
        if record.slot <= highestSlot { isAscending = false }
        lowestSlot = min(lowestSlot, record.slot)
        highestSlot = max(highestSlot, record.slot)
    }

    /// The record that stands for a slot in this segment; damaged ones only if no whole one does.
    ///
    /// - Complexity: O(log n) while slots ascend, which is the rule; else O(n).
    func record(of slot: Slot) -> LocatedRecord? {
        guard slot >= lowestSlot, slot <= highestSlot else { return nil }
        if isAscending { return ascendingRecord(of: slot) }
        var best: LocatedRecord?
        for record in records where record.slot == slot {
            guard let current = best else {
                best = record
                continue
            }
            best = record.better(than: current)
        }
        return best
    }

    private func ascendingRecord(of slot: Slot) -> LocatedRecord? {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].slot < slot { low = middle + 1 } else { high = middle }
        }
        return low < records.count && records[low].slot == slot ? records[low] : nil
    }
}

extension LocatedRecord {
    /// Of this record and an earlier one for the same slot, the one that stands for it.
    func better(than earlier: LocatedRecord) -> LocatedRecord {
        // A damaged copy does not push out a whole one of the same ballot: they had the same value.
        if isDamaged, !earlier.isDamaged, kind == earlier.kind, ballot == earlier.ballot { return earlier }
        return supersedes(earlier) ? self : earlier
    }
}
