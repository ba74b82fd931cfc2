internal import CoreTypes
package import PosixIO
package import SystemPackage

/// Finds out which ways of making a group durable a file system supports, and how fast they are.
package enum SyncModeProbe {
    package struct Result: Sendable, Equatable {
        package var mode: SyncMode
        /// Median time of a durable write of 4 KiB.
        package var medianNanoseconds: UInt64
        /// The shortest time: what the mode costs when nobody else uses the disk.
        package var bestNanoseconds: UInt64
    }

    private static let name = "probe"
    private static let roundCount = 6
    /// Beyond this time two rounds are enough.
    private static let budgetNanoseconds: UInt64 = 60_000_000

    /// Writes to a small file of its own in a directory, and removes it. The modes take turns, so that a disk that is
    /// busy for a moment is busy for all of them.
    ///
    /// - Returns: the modes that work, in the order of preference.
    package static func run(_ fileSystem: any FileSystem, _ directory: FilePath) throws(FileError) -> [Result] {
        let path = directory.appending(name)
        if try fileSystem.exists(path) { try fileSystem.remove(path) }
        let block = AlignedBuffer(byteCount: Layout.blockByteCount)
        let made = try fileSystem.open(path, [.write, .create])
        for index in 0..<roundCount {
            try made.write(block.bytes(0..<Layout.blockByteCount), at: UInt64(index * Layout.blockByteCount))
        }
        try made.syncAll()
        var candidates: [Candidate] = []
        for mode in [SyncMode.direct, .dataSync, .syncCall] {
            if let candidate = try Candidate(mode, fileSystem, path) { candidates.append(candidate) }
        }
        let start = MonotonicClock.nanoseconds
        for round in 0..<roundCount {
            if round >= 2, MonotonicClock.nanoseconds - start > budgetNanoseconds { break }
            for place in candidates.indices { try candidates[place].write(block, round) }
        }
        try fileSystem.remove(path)
        return candidates.compactMap(\.result)
    }

    /// The fastest mode; of two that differ by less than a fifth, the one that is preferred.
    package static func choose(_ results: [Result]) -> SyncMode {
        guard let fastest = results.map(\.bestNanoseconds).min() else { return .syncCall }
        let limit = fastest + fastest / 5
        return results.first { $0.bestNanoseconds <= limit }?.mode ?? .syncCall
    }

    /// A mode that is being measured.
    private struct Candidate {
        let mode: SyncMode
        let file: any File
        var times: [UInt64] = []
        var isSupported = true

        /// Nil if the file system does not open a file in this mode.
        init?(_ mode: SyncMode, _ fileSystem: any FileSystem, _ path: FilePath) throws(FileError) {
            self.mode = mode
            do throws(FileError) {
                file = try fileSystem.open(path, mode.fileOptions)
            } catch {
                if error.errno == .invalidArgument { return nil }
                throw error
            }
        }

        mutating func write(_ block: AlignedBuffer, _ round: Int) throws(FileError) {
            guard isSupported else { return }
            let before = MonotonicClock.nanoseconds
            do throws(FileError) {
                try file.write(block.bytes(0..<Layout.blockByteCount), at: UInt64(round * Layout.blockByteCount))
                if mode == .syncCall { try file.sync() }
            } catch {
                guard error.errno == .invalidArgument else { throw error }
                isSupported = false
            }
            times.append(MonotonicClock.nanoseconds - before)
        }

        var result: Result? {
            guard isSupported, let best = times.min() else { return nil }
            return Result(mode: mode, medianNanoseconds: times.sorted()[times.count / 2], bestNanoseconds: best)
        }
    }
}
