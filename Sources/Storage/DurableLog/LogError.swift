package import CoreTypes
package import PosixIO
package import SystemPackage

/// Why a log cannot be opened, or a slot not be read.
package enum LogError: Error, Equatable, Sendable, CustomStringConvertible {
    case options(String)
    case file(FileError)
    /// There is no log, and the caller said there must be one.
    case missing(directory: FilePath)
    case identityMismatch(path: FilePath, expected: LogIdentity, found: LogIdentity)
    case newerVersion(path: FilePath, version: UInt32)
    /// Bytes that were acknowledged, or may have been, are damaged, and there is no other copy.
    case damaged(LogDamage)
    /// Segments before and after this one are there.
    case missingSegment(path: FilePath)
    /// Proposals that must be there are not: a segment was taken away or an older log put in its place.
    case missingSlots(directory: FilePath, first: Slot, last: Slot)

    /// Runs something that can fail as a file does.
    static func mapping<Result>(_ body: () throws(FileError) -> Result) throws(LogError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw .file(error)
        }
    }

    package var description: String {
        switch self {
        case .options(let flaw):
            return "log options: \(flaw)"
        case .file(let error):
            return "log: \(error)"
        case .missing(let directory):
            return "log: no segments in \(directory), but the store has a checkpoint that needs them; "
                + "put the log back, or restore a snapshot"
        case .identityMismatch(let path, let expected, let found):
            return "log: \(path) belongs to cluster \(found.clusterID.value), incarnation \(found.incarnation.value), "
                + "not to cluster \(expected.clusterID.value), incarnation \(expected.incarnation.value); "
                + "use the directory that belongs to this configuration"
        case .newerVersion(let path, let version):
            return "log: \(path) has format version \(version), and this software reads up to \(Layout.version); "
                + "use the version that wrote it"
        case .damaged(let damage):
            return "log: \(damage); nothing was changed; run aviaryctl verify on the directory, "
                + "then put back a copy of the log, or of the directory"
        case .missingSegment(let path):
            return "log: \(path) is missing between its neighbours; nothing was changed; "
                + "put it back, or a copy of the directory; aviaryctl verify says what is whole"
        case .missingSlots(let directory, let first, let last):
            return
                "log: \(directory) has no proposals for slots \(first.rawValue) to \(last.rawValue), which the store "
                + "needs; put the missing segments back, or a copy of the directory; aviaryctl verify says what is whole"
        }
    }
}
