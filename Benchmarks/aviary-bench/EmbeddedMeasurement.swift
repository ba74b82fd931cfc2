import Aviary
import BenchmarkSupport
import CoreTypes

/// Measures the embedded library from inside this process, in rounds that alternate with the floors.
struct EmbeddedMeasurement {
    let directory: String
    let keySpace: KeySpace
    let valueByteCount: Int
    let nanoseconds: UInt64
    let options: StoreOptions
    /// Made beforehand, so that no look-up pays for building its string, here or in raw LMDB.
    let paths: [String]
    let composer: PathComposer

    init(directory: String, keyCount: Int, valueByteCount: Int, nanoseconds: UInt64, options: StoreOptions) throws {
        self.directory = directory
        self.valueByteCount = valueByteCount
        self.nanoseconds = nanoseconds
        self.options = options
        let keySpace = try KeySpace(keyCount: keyCount)
        self.keySpace = keySpace
        composer = PathComposer(keySpace)
        paths = (0..<keyCount).map { keySpace.path($0) }
    }

    var storeDirectory: String { "\(directory)/embedded" }

    /// Makes a store with all keys.
    func prepare() async throws {
        ScratchDirectory.remove(storeDirectory)
        let store = try await MetadataStore.open(storeDirectory, options: options)
        for path in keySpace.ancestors { try await store.create(path) }
        for number in 0..<keySpace.directoryCount { try await store.create(keySpace.directoryPath(number)) }
        let value = LoadPlan.value(byteCount: valueByteCount)
        let paths = self.paths
        try await withThrowingTaskGroup { group in
            for first in 0..<256 {
                group.addTask {
                    for key in stride(from: first, to: paths.count, by: 256) {
                        try await store.create(paths[key], value)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await store.close()
    }

    /// One writer: the latencies of durable sets, one after another, of random keys of a range.
    func oneWriter(_ store: MetadataStore, keys: Range<Int>, seed: UInt64) async throws -> LatencyHistogram {
        var histogram = LatencyHistogram()
        var generator = SplitMix64(seed: seed)
        let value = LoadPlan.value(byteCount: valueByteCount)
        let end = monotonicNanoseconds() + nanoseconds
        var before = monotonicNanoseconds()
        while before < end {
            try await store.set(composer.path(Int.random(in: keys, using: &generator)), value)
            let after = monotonicNanoseconds()
            histogram.record(after - before)
            before = after
        }
        return histogram
    }

    /// What many writers did together.
    struct ManyWriters {
        var writeCount = 0
        var nanoseconds: UInt64 = 0
        /// Of some of the writes.
        var latencies = LatencyHistogram()

        var rate: Double { Double(writeCount) * 1e9 / Double(max(nanoseconds, 1)) }
    }

    /// Many writers, each with one durable set under way.
    ///
    /// - Parameter isOwn: each sets a znode of its own, else all set random ones.
    func manyWriters(_ store: MetadataStore, count: Int, isOwn: Bool, seed: UInt64) async throws -> ManyWriters {
        let start = monotonicNanoseconds()
        return try await withThrowingTaskGroup(of: ManyWriters.self) { group in
            for writer in 0..<count {
                let own = writer * paths.count / count
                let keys = isOwn ? own..<own + 1 : 0..<paths.count
                group.addTask { try await oneOfMany(store, keys: keys, seed: seed &+ UInt64(writer)) }
            }
            var all = ManyWriters()
            for try await writer in group {
                all.writeCount += writer.writeCount
                all.latencies.merge(writer.latencies)
            }
            all.nanoseconds = monotonicNanoseconds() - start
            return all
        }
    }

    /// Sets random keys of a range, one after another, until the time is over.
    private func oneOfMany(_ store: MetadataStore, keys: Range<Int>, seed: UInt64) async throws -> ManyWriters {
        var done = ManyWriters()
        var generator = SplitMix64(seed: seed)
        let value = LoadPlan.value(byteCount: valueByteCount)
        let end = monotonicNanoseconds() + nanoseconds
        var before = monotonicNanoseconds()
        while before < end {
            for _ in 1..<Self.writesPerSample {
                try await store.set(composer.path(Int.random(in: keys, using: &generator)), value)
            }
            before = monotonicNanoseconds()
            try await store.set(composer.path(Int.random(in: keys, using: &generator)), value)
            done.latencies.record(monotonicNanoseconds() - before)
            done.writeCount += Self.writesPerSample
        }
        return done
    }

    /// Of so many writes of one of many writers the time of one is taken: the clock and the histogram of each would be a
    /// seventh of what the load costs, and it shares its processors with the store.
    private static let writesPerSample = 8

    /// Gets of random keys among the first so many, by one thread: how many a second.
    func gets(_ store: MetadataStore, keyCount: Int, seed: UInt64) throws -> Double {
        var generator = SplitMix64(seed: seed)
        let startedAt = monotonicNanoseconds()
        var done = 0
        while monotonicNanoseconds() - startedAt < nanoseconds {
            for _ in 0..<500 {
                let key = Int(truncatingIfNeeded: ((generator.next() >> 32) &* UInt64(keyCount)) >> 32)
                let node = try store.get(paths[key])
                guard node.data?.count == valueByteCount else {
                    throw BenchmarkError("\(paths[key]) holds \(node.data?.count ?? -1) bytes, not \(valueByteCount)")
                }
            }
            done += 500
        }
        return Double(done) * 1e9 / Double(monotonicNanoseconds() - startedAt)
    }
}
