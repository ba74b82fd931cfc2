import CoreTypes
import DurableLog
import PosixIO
import SystemPackage

/// What a cluster can make of damaged disks, and must; from what is known of the damage, and not of the engine.
enum MatrixExpectation: String, CaseIterable {
    /// Every acknowledged slot has a copy at a replica that can take part, and fewer than a quorum seem never to have had
    /// it: all must come back.
    case recoverable
    /// Some acknowledged slot has no copy: nothing may be served as if it had never been.
    case noCopy
    /// Fewer than a quorum can say what they promised and accepted: nothing may be decided.
    case noQuorum
    /// Some acknowledged slot seems never to have been accepted by a quorum: its copies there, if there were any, are
    /// behind the last whole header of the log, as if they had been torn when they were written. Nobody can tell this
    /// from a write that was never acknowledged.
    case undecidable
}

/// What is known of the three disks of a case.
struct MatrixOracle {
    private static let quorum = MatrixCluster.replicaCount / 2 + 1

    private let history: MatrixHistory
    private let knowledge: [DiskKnowledge]

    init(_ history: MatrixHistory, _ damages: [MatrixDamage]) {
        self.history = history
        knowledge = history.disks.enumerated().map { place, disk in
            DiskKnowledge(disk, damages.filter { $0.place == place })
        }
    }

    var expectation: MatrixExpectation {
        let usable = knowledge.filter(\.isUsable)
        if usable.count < Self.quorum { return .noQuorum }
        var isCopied = true
        for number in 1...history.lastSlot.rawValue {
            let slot = Slot(rawValue: number)
            if usable.count(where: { $0.seemsWithout(slot) }) >= Self.quorum { return .undecidable }
            if !usable.contains(where: { $0.hasCopy(of: slot) }) { isCopied = false }
        }
        return isCopied ? .recoverable : .noCopy
    }

    /// What each replica has, for whoever reads a single case.
    var lines: [String] {
        knowledge.enumerated().map { place, disk in
            let slots = (1...history.lastSlot.rawValue).map { Slot(rawValue: $0) }
            let whole = slots.filter { disk.hasCopy(of: $0) }.map { "\($0.rawValue)" }.joined(separator: " ")
            let without = slots.filter { disk.seemsWithout($0) }.map { "\($0.rawValue)" }.joined(separator: " ")
            return "replica \(place + 1): \(disk.isUsable ? "can take part" : "must not take part"); copies of "
                + "slots [\(whole)], seems never to have had [\(without)]"
        }
    }
}

/// What one damaged disk still says.
private struct DiskKnowledge {
    /// Whether the replica knows what it promised: its files are there, and whatever cannot be read lies before
    /// something that can.
    private(set) var isUsable: Bool
    private var copies: Set<Slot> = []
    /// Named by a header that is whole, or lost before one.
    private var known: Set<Slot> = []
    private let checkpointSlot: Slot

    init(_ disk: MatrixHistory.Disk, _ damages: [MatrixDamage]) {
        checkpointSlot = disk.checkpointSlot
        let wholeHeaders = disk.groups.filter { group in !damages.touch(group.header, of: group) }
        let last = wholeHeaders.last?.ordinal ?? 0
        let isReadable = damages.allSatisfy { damage in
            guard case .unreadable(let range) = damage.kind else { return true }
            return disk.groups.allSatisfy {
                $0.ordinal <= last || $0.path != damage.path || !$0.bytes.overlaps(range)
            }
        }
        isUsable = last > 0 && isReadable && damages.leaveFilesUsable(disk)
        for group in disk.groups where group.ordinal <= last {
            known.formUnion(group.records.map(\.slot))
        }
        for group in wholeHeaders where !damages.touch(group.table, of: group) {
            copies.formUnion(group.records.filter { !damages.touch($0.bytes, of: group) }.map(\.slot))
        }
    }

    func hasCopy(of slot: Slot) -> Bool { slot <= checkpointSlot || copies.contains(slot) }
    func seemsWithout(_ slot: Slot) -> Bool { slot > checkpointSlot && !known.contains(slot) }
}

extension [MatrixDamage] {
    fileprivate func touch(_ range: Range<UInt64>, of group: LogMap.Group) -> Bool {
        contains { $0.path == group.path && $0.touched.overlaps(range) }
    }

    /// Whether the files are there, each with one whole copy of its header.
    fileprivate func leaveFilesUsable(_ disk: MatrixHistory.Disk) -> Bool {
        // Without a snapshot or the number of its lives a replica still knows what it promised.
        for path in disk.image.paths where path.string.hasPrefix("/data/log/log-") || path == "/data/identity" {
            let own = filter { $0.path == path }
            if own.isEmpty { continue }
            let isGone = own.contains {
                switch $0.kind {
                case .missing, .emptied: true
                case .flip, .overwrite, .unreadable: path == "/data/identity"
                }
            }
            if isGone { return false }
            let copy = (disk.image.byteCount(of: path) ?? 4_096) - 4_096
            let isFirst = own.contains { $0.touched.overlaps(0..<128) }
            let isSecond = own.contains { $0.touched.overlaps(copy..<(copy + 128)) }
            if isFirst && isSecond { return false }
        }
        return true
    }
}
