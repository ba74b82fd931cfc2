package import SystemPackage

/// Why a directory could not be locked.
package enum DirectoryLockError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Somebody has it: `owner` is what the lock file says of them, or nil.
    case inUse(directory: FilePath, owner: String?)
    case failed(FileError)

    package var description: String {
        switch self {
        case .inUse(let directory, let owner):
            let who = owner.map { "by \($0)" } ?? "by another process"
            return "\(directory) is in use \(who): stop that process, or give this one a directory of its own"
        case .failed(let error):
            return error.description
        }
    }
}
