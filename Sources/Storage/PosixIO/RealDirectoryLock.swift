internal import CPosix
internal import Synchronization
internal import SystemPackage

/// `flock` on the file `LOCK` of a directory, into which the holder writes who it is.
///
/// The lock belongs to the open file, so it also keeps out a second opener of the same process. The file stays when
/// the lock is released: removing it would let two holders lock two files of one name.
package final class RealDirectoryLock: DirectoryLock {
    /// The number of the open descriptor, or -1 once it was released.
    private let descriptor: Atomic<Int32>

    init(_ directory: FilePath) throws(DirectoryLockError) {
        let path = directory.appending("LOCK")
        let options: FileOptions = [.write, .ensure]
        let opened = unsafe path.withPlatformString { unsafe aviary_open($0, options.rawValue) }
        guard opened >= 0 else {
            throw DirectoryLockError.failed(FileError(.lock, path, errno: Errno(rawValue: -opened)))
        }
        let outcome = aviary_lock_exclusively(opened)
        guard outcome == 0 else {
            let owner = Self.owner(opened)
            _ = aviary_close(opened)
            if outcome == -Errno.wouldBlock.rawValue {
                throw DirectoryLockError.inUse(directory: directory, owner: owner)
            }
            throw DirectoryLockError.failed(FileError(.lock, path, errno: Errno(rawValue: -outcome)))
        }
        Self.writeOwner(opened)
        descriptor = Atomic(opened)
    }

    package func release() {
        let number = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        if number >= 0 { _ = aviary_close(number) }
    }

    deinit { release() }

    /// What the holder wrote into the file; nil when that is nothing readable.
    private static func owner(_ descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe aviary_read_at(descriptor, $0.baseAddress, $0.count, 0)
        }
        guard count > 0 else { return nil }
        let text = String(decoding: bytes.prefix(count).prefix { $0 >= 32 && $0 < 127 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    /// A hint for people: that it cannot be written is no reason to refuse.
    private static func writeOwner(_ descriptor: Int32) {
        let text = Array("process \(aviary_process_id())\n".utf8)
        guard aviary_resize(descriptor, 0) == 0 else { return }
        var written = 0
        _ = unsafe text.withUnsafeBytes {
            unsafe aviary_write_at(descriptor, $0.baseAddress, $0.count, 0, &written)
        }
    }
}
