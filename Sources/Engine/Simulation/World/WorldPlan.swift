import CoreTypes
import DurableLog

/// What a seed draws once, before anything runs: how good network, disks and clients are, and what may go wrong.
package struct WorldPlan: Sendable {
    var network: NetworkOptions
    /// Those that may happen, by their declaration.
    var nemeses: [Nemesis] = []
    /// Mean time between two of them.
    var nemesisMicroseconds: UInt64
    /// A durable write takes at least so long, and up to so much more.
    var diskMicrosecondsMin: UInt64
    var diskMicrosecondsSpread: UInt64
    var segmentByteCount: Int
    var syncMode: SyncMode
    var commandsPerCheckpoint: Int
    var digestPeriodSlotCount: UInt64
    var sessionTimeoutMilliseconds: UInt32
    /// Mean time between two actions of one client.
    var clientMicroseconds: UInt64
    /// The longest time that a driver takes inputs in, before it ends the turn.
    var turnMicroseconds: UInt64
    /// Requests that a client may have outstanding.
    var outstandingCountMax: Int
    /// Bytes that data has beyond the number it spells, at most.
    var paddingByteCountMax: Int
    /// Bytes of log after which a snapshot is taken, and kept for peers beyond it: whoever needs older values needs a
    /// snapshot.
    var logByteCountPerSnapshot: Int
    var logTailByteCount: Int
    var snapshotPieceByteCount: Int

    init(using generator: inout SplitMix64) {
        network = NetworkOptions(using: &generator)
        for nemesis in Nemesis.allCases where generator.next() % 3 != 0 { nemeses.append(nemesis) }
        nemesisMicroseconds = [20_000, 100_000, 400_000][generator.index(3)] + generator.next() % 200_000
        diskMicrosecondsMin = 20 + generator.next() % 500
        diskMicrosecondsSpread = generator.next() % [500, 5_000, 30_000][generator.index(3)]
        segmentByteCount = [65_536, 131_072, 262_144][generator.index(3)]
        syncMode = [SyncMode.direct, .dataSync, .syncCall][generator.index(3)]
        commandsPerCheckpoint = 20 + generator.index(400)
        digestPeriodSlotCount = [8, 32, 128][generator.index(3)]
        sessionTimeoutMilliseconds = [1_000, 4_000][generator.index(2)] + UInt32(generator.next() % 2_000)
        clientMicroseconds = [300, 3_000, 30_000][generator.index(3)] + generator.next() % 30_000
        turnMicroseconds = [30, 300, 2_000][generator.index(3)]
        outstandingCountMax = 1 + generator.index(6)
        paddingByteCountMax = [8, 200, 3_000][generator.index(3)]
        logByteCountPerSnapshot = [1, 50_000, .max][generator.index(3)]
        logTailByteCount = [0, 65_536, 1_048_576][generator.index(3)]
        snapshotPieceByteCount = [512, 4_096, 65_536][generator.index(3)]
    }
}

extension WorldPlan {
    /// Lets happen what a bug needs to show.
    mutating func serve(_ mutant: Mutant?) {
        guard let mutant else { return }
        for nemesis in mutant.needs where !nemeses.contains(nemesis) { nemeses.append(nemesis) }
        guard mutant == .snapshotUnverified else { return }
        logByteCountPerSnapshot = 1
        logTailByteCount = 0
    }
}

extension WorldPlan: CustomStringConvertible {
    package var description: String {
        """
        network: delay \(network.delayMicrosecondsMin)+\(network.delayMicrosecondsSpread) us, loss \
        \(network.lossChance), doubling \(network.duplicationChance), reordering \(network.reorderingChance) ppm
        disk: \(diskMicrosecondsMin)+\(diskMicrosecondsSpread) us, \(syncMode.rawValue), segments of \
        \(segmentByteCount) bytes; a checkpoint after \(commandsPerCheckpoint) commands; digests every \
        \(digestPeriodSlotCount) slots
        turns of up to \(turnMicroseconds) us; clients: an action every \(clientMicroseconds) us, \(outstandingCountMax) outstanding, sessions of \
        \(sessionTimeoutMilliseconds) ms, padding up to \(paddingByteCountMax) bytes
        a snapshot every \(logByteCountPerSnapshot) bytes of log, \(logTailByteCount) bytes kept for peers, pieces of \
        \(snapshotPieceByteCount) bytes
        every \(nemesisMicroseconds / 1_000) ms one of: \(nemeses.map(\.rawValue).joined(separator: ", "))
        """
    }
}

extension SplitMix64 {
    /// A place in a list of so many.
    mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    /// True once in so many times.
    mutating func oneIn(_ count: UInt64) -> Bool { next() % count == 0 }

    /// A time between nothing and twice the mean.
    mutating func around(_ mean: UInt64) -> UInt64 { next() % (2 * mean + 1) }
}
