internal import CoreTypes

/// How a log is opened. The defaults are those of a server.
package struct LogOptions: Sendable {
    /// Bytes of a new segment: a multiple of 4096, at least 64 KiB. Segments of another size are read as they are.
    package var segmentByteCount = 32 * 1_048_576
    /// How groups are made durable; nil takes the fastest way that this file system supports.
    package var syncMode: SyncMode?
    package var policy = RecoveryPolicy.alone
    /// Whether a directory without a log gets one. A caller whose store has a checkpoint says no.
    package var mayCreate = true
    /// Bytes of segments below the retained slot that are kept for peers that are a little behind.
    package var retainedTailByteCount = 64 * 1_048_576
    /// Retired segments kept for use again; more are removed.
    package var spareCountMax = 2
    /// Idleness after which the last group gets a mark behind it.
    package var markDelayMilliseconds: UInt64 = 50
    /// Bytes at which a group is closed; a longer record has a group of its own.
    package var groupByteCountMax = Limits.groupByteCountSoftMax
    /// Whether the log has threads of its own; if not, `stepWriter` and `stepPreparer` do their work.
    package var runsOwnThreads = true
    /// Seeds the generations of segments and a new identity, for tests and simulation; nil draws from the system.
    package var randomSeed: UInt64?

    package init() {}

    /// Bytes of membership and base together that a segment's first group can restate.
    package var stateByteCountMax: Int { min(65_536, segmentByteCount / 8) }

    /// The longest payload that a record can have.
    package var recordByteCountMax: Int {
        let overhead = 4 * Layout.blockByteCount + stateByteCountMax
        return segmentByteCount - overhead
    }

    /// Says what is wrong with the options, or nil.
    var flaw: String? {
        if segmentByteCount < 65_536 || segmentByteCount > 1 << 30 || segmentByteCount % Layout.blockByteCount != 0 {
            return "segmentByteCount is \(segmentByteCount); use a multiple of 4096 from 64 KiB to 1 GiB"
        }
        if groupByteCountMax < Layout.blockByteCount {
            return "groupByteCountMax is \(groupByteCountMax); use at least 4096"
        }
        return nil
    }
}

/// The source of generations.
enum LogRandom: RandomNumberGenerator {
    case system
    case seeded(SplitMix64)

    init(seed: UInt64?) { self = seed.map { .seeded(SplitMix64(seed: $0)) } ?? .system }

    mutating func next() -> UInt64 {
        switch self {
        case .system:
            var system = SystemRandomNumberGenerator()
            return system.next()
        case .seeded(var generator):
            let value = generator.next()
            self = .seeded(generator)
            return value
        }
    }
}
