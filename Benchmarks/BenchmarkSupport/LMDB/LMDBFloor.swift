import CoreTypes
import Glibc

/// Measures raw LMDB with keys and rows of the kind that a tree of znodes has.
package final class LMDBFloor {
    /// How a znode is found.
    package enum KeyStyle: String, Sendable, CaseIterable {
        /// The whole path, `/bench/d00012/k00012345`: one look-up.
        case path
        /// The number of the parent, eight bytes, and the name: one look-up for each component, here of the last one.
        case parentAndName
    }

    /// A rate, in operations a second, and what it is of.
    package struct Figure: Sendable {
        package var name: String
        package var rate: Double
    }

    private let style: KeyStyle
    private let lmdb: RawLMDB
    private let keyCount: Int
    private let key: UnsafeMutableRawBufferPointer
    private let value: UnsafeMutableRawBufferPointer
    private let keySpace: KeySpace
    private var generator = SplitMix64(seed: 1)

    /// - Parameter directory: is emptied; the data file grows to some 250 bytes a key.
    package init(_ style: KeyStyle, directory: String, keyCount: Int, rowByteCount: Int) throws {
        ScratchDirectory.remove(directory)
        try ScratchDirectory.make(directory)
        self.style = style
        self.keyCount = keyCount
        keySpace = try KeySpace(keyCount: keyCount)
        lmdb = try RawLMDB(directory: directory, mapByteCount: max(1 << 30, keyCount * rowByteCount * 8))
        key = .allocate(byteCount: style == .path ? 23 : 17, alignment: 8)
        value = .allocate(byteCount: rowByteCount, alignment: 8)
        value.copyBytes(from: LoadPlan.value(byteCount: rowByteCount))
        let path = Array(keySpace.path(0).utf8)
        if style == .path {
            key.copyBytes(from: path)
        } else {
            key.copyBytes(from: [0, 0, 0, 0, 0, 0, 0, 0] + path.suffix(9))
        }
    }

    deinit {
        key.deallocate()
        value.deallocate()
    }

    /// Writes the key's digits over those of the key before.
    @inline(__always)
    private func aim(_ number: Int) {
        let digits = DecimalDigits.eight(UInt32(number))
        switch style {
        case .path:
            key.storeBytes(of: digits.littleEndian, toByteOffset: 15, as: UInt64.self)
            let directory = DecimalDigits.eight(UInt32(number / KeySpace.directoryKeyCount)) >> 24
            key.storeBytes(of: UInt32(truncatingIfNeeded: directory), toByteOffset: 8, as: UInt32.self)
            key.storeBytes(of: UInt8(truncatingIfNeeded: directory >> 32), toByteOffset: 12, as: UInt8.self)
        case .parentAndName:
            let parent = UInt64(number / KeySpace.directoryKeyCount + 100)
            key.storeBytes(of: parent.bigEndian, as: UInt64.self)
            key.storeBytes(of: digits.littleEndian, toByteOffset: 9, as: UInt64.self)
        }
    }

    /// Loads all keys in order, in transactions of 10,000.
    package func load() throws -> Figure {
        let startedAt = monotonicNanoseconds()
        var next = 0
        while next < keyCount {
            let transaction = try lmdb.begin(readOnly: false)
            let end = min(next + 10_000, keyCount)
            while next < end {
                aim(next)
                try lmdb.put(transaction, key: key, value: value, isAppend: true)
                next += 1
            }
            try lmdb.commit(transaction)
        }
        return figure("load in key order, 10,000 a commit", keyCount, since: startedAt)
    }

    /// Looks random keys up within one read transaction.
    package func get(nanoseconds: UInt64) throws -> Figure {
        let transaction = try lmdb.begin(readOnly: true)
        defer { lmdb.abort(transaction) }
        return try repeated("get, random keys", nanoseconds) {
            aim(anyKey())
            return try lmdb.get(transaction, key: key)
        }
    }

    /// The same where the program has the keys as strings, as it has the paths of an embedded store: what it costs to
    /// get at a string somewhere in memory is no merit of either.
    package func get(paths: [String], nanoseconds: UInt64) throws -> Figure {
        let transaction = try lmdb.begin(readOnly: true)
        defer { lmdb.abort(transaction) }
        return try repeated("get, random paths", nanoseconds) {
            let path = paths[anyKey()]
            let isCopied: Void? = path.utf8.withContiguousStorageIfAvailable { key.copyBytes(from: $0) }
            guard isCopied != nil else { throw BenchmarkError("a path that is not in one piece") }
            return try lmdb.get(transaction, key: key)
        }
    }

    /// The same with the read transaction renewed before each look-up.
    package func renewAndGet(nanoseconds: UInt64) throws -> Figure {
        let transaction = try lmdb.begin(readOnly: true)
        defer { lmdb.abort(transaction) }
        return try repeated("renew the transaction and get", nanoseconds) {
            aim(anyKey())
            try lmdb.renew(transaction)
            return try lmdb.get(transaction, key: key)
        }
    }

    /// Overwrites random keys, so many to a synced transaction.
    package func put(perTransaction count: Int, nanoseconds: UInt64) throws -> Figure {
        let startedAt = monotonicNanoseconds()
        var done = 0
        while monotonicNanoseconds() - startedAt < nanoseconds {
            let transaction = try lmdb.begin(readOnly: false)
            for _ in 0..<count {
                aim(anyKey())
                try lmdb.put(transaction, key: key, value: value)
            }
            try lmdb.commit(transaction)
            done += count
        }
        return figure("put, random keys, \(count) a commit", done, since: startedAt)
    }

    private func anyKey() -> Int {
        Int(truncatingIfNeeded: ((generator.next() >> 32) &* UInt64(keyCount)) >> 32)
    }

    private func repeated(_ name: String, _ nanoseconds: UInt64, _ body: () throws -> Int) throws -> Figure {
        let startedAt = monotonicNanoseconds()
        var (done, sum) = (0, 0)
        while monotonicNanoseconds() - startedAt < nanoseconds {
            for _ in 0..<1000 { sum &+= try body() }
            done += 1000
        }
        guard sum != 0 else { throw BenchmarkError("LMDB returned empty values") }
        return figure(name, done, since: startedAt)
    }

    private func figure(_ name: String, _ count: Int, since startedAt: UInt64) -> Figure {
        let elapsed = max(1, monotonicNanoseconds() - startedAt)
        return Figure(name: name, rate: Double(count) * 1e9 / Double(elapsed))
    }
}
