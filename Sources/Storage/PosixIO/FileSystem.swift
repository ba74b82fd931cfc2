package import SystemPackage

/// What the house asks of a file system: the real one, or one in memory that can crash and fail.
///
/// Calls may be made from any thread. Nothing that changes a directory is durable before `syncDirectory`.
package protocol FileSystem: AnyObject, Sendable {
    func open(_ path: FilePath, _ options: FileOptions) throws(FileError) -> any File

    /// Makes a directory with mode 0700; one that is already there is left as it is.
    func createDirectory(_ path: FilePath) throws(FileError)

    /// The names in a directory, in ascending order of their bytes, without "." and "..".
    func list(_ directory: FilePath) throws(FileError) -> [String]

    /// Gives a file another name in one step; a file of that name goes away.
    func rename(_ source: FilePath, to target: FilePath) throws(FileError)

    func remove(_ path: FilePath) throws(FileError)

    func exists(_ path: FilePath) throws(FileError) -> Bool

    /// Makes created, renamed and removed names of a directory durable.
    func syncDirectory(_ path: FilePath) throws(FileError)

    /// Keeps every other process, and every other opener in this one, out of a directory until the lock is released.
    func lockDirectory(_ path: FilePath) throws(DirectoryLockError) -> any DirectoryLock

    /// Bytes that this user may still write below a directory.
    func freeByteCount(_ directory: FilePath) throws(FileError) -> UInt64
}
