import DurableLog
import PosixIO
import SystemPackage

/// Something that is wrong with whole files of a replica, or with what makes them its files.
enum MatrixFileFault: String, CaseIterable {
    case nothing
    case firstSegmentMissing
    case lastSegmentMissing
    case firstSegmentEmptied
    case lastSegmentEmptied
    case bothHeadersOfTheFirst
    case bothHeadersOfTheLast
    case oneHeaderOfEach
    case oneHeaderUnreadable
    case allSegmentsMissing
    case identityMissing
    case identityDamaged
    case lifeDamaged

    /// As many as there are ways for three replicas to have one each.
    static let combinationCount = allCases.count * allCases.count * allCases.count

    /// What that means for a disk.
    func damages(of disk: MatrixHistory.Disk, at place: Int) -> [MatrixDamage] {
        let segments = disk.image.paths.filter { $0.string.hasPrefix("/data/log/log-") }
        let first = disk.groups[0].path
        let last = disk.groups[disk.groups.count - 1].path
        func damage(_ path: FilePath, _ kind: MatrixDamage.Kind) -> MatrixDamage {
            MatrixDamage(place: place, path: path, kind: kind, target: rawValue)
        }
        func copy(_ path: FilePath) -> UInt64 { (disk.image.byteCount(of: path) ?? 4_096) - 4_096 }
        switch self {
        case .nothing: return []
        case .firstSegmentMissing: return [damage(first, .missing)]
        case .lastSegmentMissing: return [damage(last, .missing)]
        case .firstSegmentEmptied: return [damage(first, .emptied)]
        case .lastSegmentEmptied: return [damage(last, .emptied)]
        case .bothHeadersOfTheFirst: return [0, copy(first)].map { damage(first, .flip(offset: $0 + 20, mask: 4)) }
        case .bothHeadersOfTheLast: return [0, copy(last)].map { damage(last, .flip(offset: $0 + 20, mask: 4)) }
        case .oneHeaderOfEach: return segments.map { damage($0, .flip(offset: 20, mask: 4)) }
        case .oneHeaderUnreadable: return [damage(first, .unreadable(copy(first)..<(copy(first) + 4_096)))]
        case .allSegmentsMissing: return segments.map { damage($0, .missing) }
        case .identityMissing: return [damage("/data/identity", .missing)]
        case .identityDamaged:
            return [damage("/data/identity", .overwrite(offset: 0, bytes: [UInt8](repeating: 0, count: 16)))]
        case .lifeDamaged: return [damage("/data/life", .overwrite(offset: 0, bytes: [0, 0]))]
        }
    }
}
