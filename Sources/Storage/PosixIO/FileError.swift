package import SystemPackage

/// A call of the file system that failed: what was asked, of which file, where in it, and the system's answer.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    package var operation: FileOperation
    package var path: FilePath
    /// Where in the file, for calls that have a place.
    package var offset: UInt64?
    package var errno: Errno

    package init(_ operation: FileOperation, _ path: FilePath, offset: UInt64? = nil, errno: Errno) {
        self.operation = operation
        self.path = path
        self.offset = offset
        self.errno = errno
    }

    /// The disk, or what this user may use of it, is full. The one failure that passes by itself.
    package var isOutOfSpace: Bool {
        errno == .noSpace || errno == .diskQuotaExceeded || errno == .fileTooLarge
    }

    package var description: String {
        let place = offset.map { " at offset \($0)" } ?? ""
        let advice = remedy.map { "; \($0)" } ?? ""
        return "cannot \(operation.rawValue) \(path)\(place): \(errno) (\(errno.rawValue))\(advice)"
    }

    /// What to do about it, where the answer of the system says so.
    private var remedy: String? {
        switch errno {
        case .noSpace, .diskQuotaExceeded: "free space on this file system or enlarge it"
        case .permissionDenied, .notPermitted, .readOnlyFileSystem:
            "the directory and its files must belong to the user of this process and be writable"
        case .tooManySymbolicLinkLevels: "it must not be a symbolic link"
        case .ioError: "the disk reports an error; look at the kernel's log and replace the disk"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "raise the limit of open files"
        default: nil
        }
    }
}
