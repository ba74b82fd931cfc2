package import SystemPackage

/// An open file, read and written at offsets; it is closed when the last reference goes away.
///
/// Reads may be made from any thread at any time. Writes and syncs come from one thread at a time.
///
/// **A failed write or sync is final**: after it nobody knows which bytes are on disk (Rebello et al., *Can Applications
/// Recover from fsync Failures?*, ATC 2020), so every later write and sync of the same file throws the first failure
/// again. A write that failed for lack of space is no exception; make a new file.
package protocol File: AnyObject, Sendable {
    var path: FilePath { get }

    /// Fills the span from an offset; fewer bytes than asked for only where the file ends.
    func read(into bytes: inout MutableRawSpan, at offset: UInt64) throws(FileError) -> Int

    /// Writes the whole span at an offset.
    ///
    /// Durable on return if the file was opened with `.dataSync`, and otherwise after `sync`; provided in both cases
    /// that the file had this size and these blocks before, or `syncAll` follows.
    func write(_ bytes: RawSpan, at offset: UInt64) throws(FileError)

    /// Makes written bytes durable, and of the metadata what is needed to read them (`fdatasync`).
    func sync() throws(FileError)

    /// Makes bytes and metadata durable (`fsync`). The file's name needs `syncDirectory` beside it.
    func syncAll() throws(FileError)

    func byteCount() throws(FileError) -> UInt64

    /// Cuts the file, or lengthens it with bytes that read as zeros and have no blocks.
    func resize(to byteCount: UInt64) throws(FileError)

    /// Reserves blocks for the first bytes of the file, if the file system can do that: lack of space shows at once.
    func allocate(byteCount: UInt64) throws(FileError)
}
