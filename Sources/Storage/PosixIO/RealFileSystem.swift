internal import CPosix
package import SystemPackage

/// The file system of the machine.
package final class RealFileSystem: FileSystem {
    package init() {}

    package func open(_ path: FilePath, _ options: FileOptions) throws(FileError) -> any File {
        try RealFile(path: path, options: options)
    }

    package func createDirectory(_ path: FilePath) throws(FileError) {
        let outcome = unsafe path.withPlatformString { unsafe aviary_make_directory($0) }
        if outcome == -Errno.fileExists.rawValue {
            // Something has the name: it is a directory, or opening it as one says what is wrong.
            do throws(Errno) {
                try OwnedFileDescriptor(path, [], isDirectory: true).close()
                return
            } catch {
                throw FileError(.createDirectory, path, errno: error)
            }
        }
        if outcome < 0 { throw FileError(.createDirectory, path, errno: Errno(rawValue: -outcome)) }
    }

    package func list(_ directory: FilePath) throws(FileError) -> [String] {
        var names: UnsafeMutablePointer<CChar>?
        let count = unsafe directory.withPlatformString { path in unsafe aviary_list(path, &names) }
        if count < 0 { throw FileError(.list, directory, errno: Errno(rawValue: Int32(-count))) }
        defer { unsafe aviary_free(names) }
        let bytes = unsafe UnsafeRawBufferPointer(start: names, count: count)
        let listed = unsafe bytes.split(separator: 0).map { unsafe String(decoding: $0, as: UTF8.self) }
        return listed.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func rename(_ source: FilePath, to target: FilePath) throws(FileError) {
        let outcome = unsafe source.withPlatformString { from in
            unsafe target.withPlatformString { to in unsafe aviary_rename(from, to) }
        }
        if outcome < 0 { throw FileError(.rename, source, errno: Errno(rawValue: -outcome)) }
    }

    package func remove(_ path: FilePath) throws(FileError) {
        let outcome = unsafe path.withPlatformString { unsafe aviary_remove($0) }
        if outcome < 0 { throw FileError(.remove, path, errno: Errno(rawValue: -outcome)) }
    }

    package func exists(_ path: FilePath) throws(FileError) -> Bool {
        let outcome = unsafe path.withPlatformString { unsafe aviary_exists($0) }
        if outcome < 0 { throw FileError(.exists, path, errno: Errno(rawValue: -outcome)) }
        return outcome == 1
    }

    package func syncDirectory(_ path: FilePath) throws(FileError) {
        do throws(Errno) {
            let directory = try OwnedFileDescriptor(path, [], isDirectory: true)
            let outcome = aviary_sync_all(directory.rawValue)
            if outcome < 0 { throw Errno(rawValue: -outcome) }
        } catch {
            throw FileError(.syncDirectory, path, errno: error)
        }
    }

    package func lockDirectory(_ path: FilePath) throws(DirectoryLockError) -> any DirectoryLock {
        try RealDirectoryLock(path)
    }

    package func freeByteCount(_ directory: FilePath) throws(FileError) -> UInt64 {
        let count = unsafe directory.withPlatformString { unsafe aviary_free_byte_count($0) }
        if count < 0 { throw FileError(.freeByteCount, directory, errno: Errno(rawValue: Int32(-count))) }
        return UInt64(count)
    }
}
