internal import CoreTypes
package import PosixIO
package import SystemPackage

/// Finds out which ways of making a group durable a file system supports, and how fast they are.
package enum SyncModeProbe {
    package struct Result: Sendable, Equatable {
        package var mode: SyncMode
        /// Median time of a durable write of 4 KiB.
        package var medianNanoseconds: UInt64
    }

    private static let name = "probe"
    private static let blockCount = 16
    private static let writeCount = 5
    /// Beyond this time two writes of a mode are enough.
    private static let budgetNanoseconds: UInt64 = 20_000_000

    /// Writes to a small file of its own in a directory, and removes it.
    ///
    /// - Returns: the modes that work, in the order of preference.
    package static func run(_ fileSystem: any FileSystem, _ directory: FilePath) throws(FileError) -> [Result] {
        let path = directory.appending(name)
        if try fileSystem.exists(path) { try fileSystem.remove(path) }
        let block = AlignedBuffer(byteCount: Layout.blockByteCount)
        let file = try fileSystem.open(path, [.write, .create])
        for index in 0..<blockCount {
            try file.write(block.bytes(0..<Layout.blockByteCount), at: UInt64(index * Layout.blockByteCount))
        }
        try file.syncAll()
        var results: [Result] = []
        for mode in [SyncMode.direct, .dataSync, .syncCall] {
            guard let median = try measure(mode, fileSystem, path, block) else { continue }
            results.append(Result(mode: mode, medianNanoseconds: median))
        }
        try fileSystem.remove(path)
        return results
    }

    /// The fastest mode; of two that differ by less than a tenth, the one that is preferred.
    package static func choose(_ results: [Result]) -> SyncMode {
        guard let fastest = results.map(\.medianNanoseconds).min() else { return .syncCall }
        let limit = fastest + fastest / 10
        return results.first { $0.medianNanoseconds <= limit }?.mode ?? .syncCall
    }

    /// The median of a few writes; nil if the file system does not support the mode.
    private static func measure(
        _ mode: SyncMode, _ fileSystem: any FileSystem, _ path: FilePath, _ block: AlignedBuffer
    ) throws(FileError) -> UInt64? {
        let file: any File
        do throws(FileError) {
            file = try fileSystem.open(path, mode.fileOptions)
        } catch {
            if error.errno == .invalidArgument { return nil }
            throw error
        }
        var times: [UInt64] = []
        let start = MonotonicClock.nanoseconds
        while times.count < writeCount {
            let before = MonotonicClock.nanoseconds
            do throws(FileError) {
                let offset = UInt64(times.count % blockCount * Layout.blockByteCount)
                try file.write(block.bytes(0..<Layout.blockByteCount), at: offset)
                if mode == .syncCall { try file.sync() }
            } catch {
                if error.errno == .invalidArgument { return nil }
                throw error
            }
            let now = MonotonicClock.nanoseconds
            times.append(now - before)
            if times.count >= 2, now - start > budgetNanoseconds { break }
        }
        return times.sorted()[times.count / 2]
    }
}
