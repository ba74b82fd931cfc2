import CoreTypes
import DurableLog
import PosixIO
import SystemPackage
import ZnodeTree

/// Makes cases from their numbers. A case depends on seed, row and number alone.
final class MatrixCases {
    private let seed: UInt64
    private var histories: [MatrixHistoryPlan: MatrixHistory] = [:]

    init(seed: UInt64) { self.seed = seed }

    /// The history of a plan, made once.
    func history(_ plan: MatrixHistoryPlan) -> MatrixHistory {
        if let known = histories[plan] { return known }
        let history = MatrixHistory(plan)
        histories[plan] = history
        return history
    }

    func make(_ row: MatrixRow, _ number: Int) -> MatrixCase {
        var generator = SplitMix64(seed: seed ^ mixedBits(row.salt &+ UInt64(number)))
        switch row {
        case .payload:
            return targeted(row, number, MatrixHistoryPlan()) { group, record in record.bytes.lowerBound + 9 }
        case .header: return targeted(row, number, MatrixHistoryPlan()) { group, _ in group.header.lowerBound + 30 }
        case .unmarked:
            var plan = MatrixHistoryPlan()
            plan.isMarked = false
            return targeted(row, number, plan) { group, _ in group.header.lowerBound + 30 }
        case .corruption, .errors:
            var plan = MatrixHistoryPlan()
            plan.entryCount = 8
            return random(row, number, plan, &generator)
        case .lagging:
            var plan = MatrixHistoryPlan()
            plan.entryCount = 8
            plan.laggingPlace = generator.index(3)
            plan.missedCount = 1 + generator.index(6)
            var made = random(row, number, plan, &generator)
            if generator.oneIn(3) { made.latePlace = generator.index(3) }
            return made
        case .snapshots: return snapshots(number, &generator)
        case .files: return files(number)
        }
    }

    // MARK: Every combination

    /// Damages, for each bit of the number that is set, one entry at one replica.
    private func targeted(
        _ row: MatrixRow, _ number: Int, _ plan: MatrixHistoryPlan,
        offset: (LogMap.Group, LogMap.Record) -> UInt64
    ) -> MatrixCase {
        let history = history(plan)
        var made = MatrixCase(row: row, number: number, plan: plan)
        for (place, disk) in history.disks.enumerated() {
            for (index, entry) in history.entries.enumerated() where number >> (4 * place + index) & 1 == 1 {
                for group in disk.groups {
                    for record in group.records where record.slot == entry.slot {
                        made.damages.append(
                            MatrixDamage(
                                place: place, path: group.path, kind: .flip(offset: offset(group, record), mask: 0x40),
                                target: "group \(group.ordinal) with slot \(entry.slot.rawValue)"))
                    }
                }
            }
        }
        return made
    }

    // MARK: At random

    /// Damages blocks that hold groups, each with a probability that is drawn for its disk.
    private func random(
        _ row: MatrixRow, _ number: Int, _ plan: MatrixHistoryPlan, _ generator: inout SplitMix64
    ) -> MatrixCase {
        let history = history(plan)
        var made = MatrixCase(row: row, number: number, plan: plan)
        for (place, disk) in history.disks.enumerated() {
            let sixteenths = [0, 1, 2, 4, 8][generator.index(5)]
            for group in disk.groups {
                for start in stride(from: group.bytes.lowerBound, to: group.bytes.upperBound, by: Self.blockByteCount)
                where generator.index(16) < sixteenths {
                    let kind = row == .errors ? .unreadable(start..<(start + 4_096)) : kind(disk, at: start, &generator)
                    made.damages.append(
                        MatrixDamage(place: place, path: group.path, kind: kind, target: "group \(group.ordinal)"))
                }
            }
        }
        return made
    }

    // MARK: Files

    /// One replica lacks what the logs of the others do not have any more, and their snapshots are damaged.
    private func snapshots(_ number: Int, _ generator: inout SplitMix64) -> MatrixCase {
        var plan = MatrixHistoryPlan()
        plan.entryCount = 48
        plan.laggingPlace = generator.index(3)
        plan.missedCount = 44
        plan.recyclesLog = true
        var made = MatrixCase(row: .snapshots, number: number, plan: plan)
        for (place, disk) in history(plan).disks.enumerated() {
            for path in disk.image.paths where path.string.hasPrefix("/data/snapshots/") && !generator.oneIn(4) {
                let byteCount = disk.image.byteCount(of: path) ?? 1
                let offset = generator.next() % byteCount
                let kinds: [MatrixDamage.Kind] = [
                    .flip(offset: offset, mask: 1 << UInt8(generator.index(8))),
                    .overwrite(offset: offset, bytes: [UInt8](repeating: 0, count: Int(byteCount - offset))),
                    .unreadable((offset & ~511)..<((offset & ~511) + 512)), .missing, .emptied,
                ]
                let kind = kinds[generator.index(kinds.count)]
                made.damages.append(MatrixDamage(place: place, path: path, kind: kind, target: "a snapshot"))
            }
        }
        return made
    }

    /// Every replica has one of the faults, or none.
    private func files(_ number: Int) -> MatrixCase {
        var plan = MatrixHistoryPlan()
        plan.entryCount = 24
        var made = MatrixCase(row: .files, number: number, plan: plan)
        var rest = number
        for (place, disk) in history(plan).disks.enumerated() {
            let fault = MatrixFileFault.allCases[rest % MatrixFileFault.allCases.count]
            rest /= MatrixFileFault.allCases.count
            made.damages += fault.damages(of: disk, at: place)
        }
        return made
    }

    private static let blockByteCount = 4_096

    /// Zeros, noise, another block of the same disk, or a single bit that is flipped.
    private func kind(
        _ disk: MatrixHistory.Disk, at start: UInt64, _ generator: inout SplitMix64
    ) -> MatrixDamage.Kind {
        switch generator.index(4) {
        case 0: return .overwrite(offset: start, bytes: [UInt8](repeating: 0, count: Self.blockByteCount))
        case 1:
            let noise = (0..<Self.blockByteCount / 8).flatMap { _ in
                let word = generator.next()
                return (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
            }
            return .overwrite(offset: start, bytes: noise)
        case 2:
            let other = disk.groups[generator.index(disk.groups.count)]
            let bytes = disk.image.bytes(of: other.path)[Int(other.bytes.lowerBound)...].prefix(Self.blockByteCount)
            guard other.bytes.lowerBound != start else { return .flip(offset: start + 40, mask: 1) }
            return .overwrite(offset: start, bytes: Array(bytes))
        default:
            let bit = generator.index(512 * 8)
            return .flip(offset: start + UInt64(bit / 8), mask: 1 << UInt8(bit % 8))
        }
    }
}

extension MatrixRow {
    /// So that rows draw different cases.
    fileprivate var salt: UInt64 { rawValue.utf8.reduce(0) { $0 << 8 ^ $0 >> 56 ^ UInt64($1) } }
}
