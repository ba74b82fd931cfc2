internal import CPosix
package import SystemPackage

/// A file descriptor with one owner, closed when it goes out of scope.
package struct OwnedFileDescriptor: ~Copyable, Sendable {
    package let rawValue: Int32

    /// Takes over an open descriptor.
    package init(taking rawValue: Int32) { self.rawValue = rawValue }

    /// Opens a file as `FileOptions` says; a directory with `isDirectory`.
    package init(_ path: FilePath, _ options: FileOptions, isDirectory: Bool = false) throws(Errno) {
        let flags = options.rawValue | (isDirectory ? AVIARY_OPEN_DIRECTORY : 0)
        let opened = unsafe path.withPlatformString { unsafe aviary_open($0, flags) }
        guard opened >= 0 else { throw Errno(rawValue: -opened) }
        rawValue = opened
    }

    /// Closes, and says if that failed. A failure loses nothing that was synced before.
    package consuming func close() throws(Errno) {
        let descriptor = rawValue
        discard self
        let outcome = aviary_close(descriptor)
        if outcome < 0 { throw Errno(rawValue: -outcome) }
    }

    deinit { _ = aviary_close(rawValue) }
}
