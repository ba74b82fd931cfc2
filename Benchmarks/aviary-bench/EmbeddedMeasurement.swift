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

    /// Many writers, each with one durable set under way: their latencies.
    ///
    /// - Parameter isOwn: each sets a znode of its own, else all set random ones.
    func manyWriters(
        _ store: MetadataStore, count: Int, isOwn: Bool, seed: UInt64
    ) async throws -> LatencyHistogram {
        try await withThrowingTaskGroup(of: LatencyHistogram.self) { group in
            for writer in 0..<count {
                let own = writer * paths.count / count
                let keys = isOwn ? own..<own + 1 : 0..<paths.count
                group.addTask { try await oneWriter(store, keys: keys, seed: seed &+ UInt64(writer)) }
            }
            var all = LatencyHistogram()
            for try await histogram in group { all.merge(histogram) }
            return all
        }
    }

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
