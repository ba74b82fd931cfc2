import Consensus
import CoreTypes
import DurableLog
import SystemPackage

/// Bytes of a log that something happens to, and what is lost by that.
struct LogDamageSite {
    var path: FilePath
    var bytes: Range<UInt64>
    private(set) var losses: [Loss] = []

    /// Sees what stands in these bytes, by what is whole there.
    init(_ path: FilePath, _ bytes: Range<UInt64>, in map: LogMap) {
        self.path = path
        self.bytes = bytes
        for group in map.groups where group.path == path && group.bytes.overlaps(bytes) {
            if !group.isTableWhole || group.header.overlaps(bytes) || group.table.overlaps(bytes) {
                lose(group)
            } else {
                for record in group.records where record.bytes.overlaps(bytes) { lose(record.slot, record.ballot) }
            }
        }
    }

    /// The whole group: what its successor, or its header, says that it may have held.
    private mutating func lose(_ group: LogMap.Group) {
        guard group.highestSlot > .none else { return }
        var slot = group.lowestSlot
        while slot <= group.highestSlot {
            lose(slot, group.ballot)
            slot = slot.next
        }
    }

    private mutating func lose(_ slot: Slot, _ ballot: Ballot) {
        losses.append(Loss(slot: slot, ballot: ballot, segment: path))
    }
}

extension LogMap {
    /// What of a log is not whole.
    var losses: [Loss] {
        groups.flatMap { group -> [Loss] in
            if !group.isTableWhole { return LogDamageSite(group.path, group.table, in: self).losses }
            return group.records.filter { !$0.isWhole }.map {
                Loss(slot: $0.slot, ballot: $0.ballot, segment: group.path)
            }
        }
    }
}
