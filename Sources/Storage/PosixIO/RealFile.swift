internal import CPosix
internal import Synchronization
package import SystemPackage

/// A file of the operating system.
package final class RealFile: File {
    package let path: FilePath
    private let descriptor: OwnedFileDescriptor
    /// Error number of the first write or sync that failed; 0 as long as none did. Never goes back.
    private let firstFailure = Atomic<Int32>(0)

    init(path: FilePath, options: FileOptions) throws(FileError) {
        self.path = path
        let operation: FileOperation = options.contains(.create) ? .create : .open
        do throws(Errno) {
            descriptor = try OwnedFileDescriptor(path, options)
        } catch {
            throw FileError(operation, path, errno: error)
        }
    }

    package func read(into bytes: inout MutableRawSpan, at offset: UInt64) throws(FileError) -> Int {
        let number = descriptor.rawValue
        let got = unsafe bytes.withUnsafeMutableBytes {
            unsafe aviary_read_at(number, $0.baseAddress, $0.count, offset)
        }
        if got < 0 { throw FileError(.read, path, offset: offset, errno: Errno(rawValue: Int32(-got))) }
        return got
    }

    package func write(_ bytes: RawSpan, at offset: UInt64) throws(FileError) {
        try refuseAfterFailure(.write, offset)
        let number = descriptor.rawValue
        let outcome = unsafe bytes.withUnsafeBytes {
            var written = 0
            return unsafe aviary_write_at(number, $0.baseAddress, $0.count, offset, &written)
        }
        try finish(.write, outcome, offset)
    }

    package func sync() throws(FileError) {
        try refuseAfterFailure(.sync, nil)
        try finish(.sync, aviary_sync_data(descriptor.rawValue), nil)
    }

    package func syncAll() throws(FileError) {
        try refuseAfterFailure(.sync, nil)
        try finish(.sync, aviary_sync_all(descriptor.rawValue), nil)
    }

    package func byteCount() throws(FileError) -> UInt64 {
        let count = aviary_byte_count(descriptor.rawValue)
        if count < 0 { throw FileError(.byteCount, path, errno: Errno(rawValue: Int32(-count))) }
        return UInt64(count)
    }

    package func resize(to byteCount: UInt64) throws(FileError) {
        try refuseAfterFailure(.resize, nil)
        try finish(.resize, aviary_resize(descriptor.rawValue, byteCount), nil)
    }

    package func allocate(byteCount: UInt64) throws(FileError) {
        try refuseAfterFailure(.allocate, nil)
        let outcome = aviary_allocate(descriptor.rawValue, byteCount)
        if outcome == -Errno.notSupported.rawValue || outcome == -Errno.noFunction.rawValue { return }
        try finish(.allocate, outcome, nil)
    }

    private func refuseAfterFailure(_ operation: FileOperation, _ offset: UInt64?) throws(FileError) {
        let failure = firstFailure.load(ordering: .acquiring)
        if failure != 0 { throw FileError(operation, path, offset: offset, errno: Errno(rawValue: failure)) }
    }

    private func finish(_ operation: FileOperation, _ outcome: Int32, _ offset: UInt64?) throws(FileError) {
        if outcome == 0 { return }
        _ = firstFailure.compareExchange(expected: 0, desired: -outcome, ordering: .acquiringAndReleasing)
        throw FileError(operation, path, offset: offset, errno: Errno(rawValue: -outcome))
    }
}
