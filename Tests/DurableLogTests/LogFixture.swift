import CoreTypes
import PosixIO
import SystemPackage
import Testing

@testable import DurableLog

/// A log in a file system in memory, stepped by hand.
struct LogFixture {
    let fileSystem: MemoryFileSystem
    var options: LogOptions
    static let directory: FilePath = "/log"

    init(_ image: DiskImage? = nil, mode: SyncMode = .direct, policy: RecoveryPolicy = .alone) throws {
        fileSystem = MemoryFileSystem(image: image ?? DiskImage())
        options = LogOptions()
        options.segmentByteCount = 65_536
        options.syncMode = mode
        options.policy = policy
        options.retainedTailByteCount = 0
        options.runsOwnThreads = false
        options.randomSeed = 1
        if image == nil { try fileSystem.createDirectory(Self.directory) }
    }

    func open(firstSlotNeeded: UInt64 = 1, identity: LogIdentity? = nil) throws(LogError) -> (
        DurableLog, RecoveredLog
    ) {
        try DurableLog.open(
            fileSystem: fileSystem, directory: Self.directory, options: options, identity: identity,
            firstSlotNeeded: Slot(rawValue: firstSlotNeeded), onProgress: {})
    }

    func inspect(firstSlotNeeded: UInt64 = 1) throws(LogError) -> RecoveredLog {
        try DurableLog.inspect(
            fileSystem: fileSystem, directory: Self.directory, policy: options.policy,
            firstSlotNeeded: Slot(rawValue: firstSlotNeeded))
    }
}

/// The payload that tests write for a slot under a ballot: telling, and of a length that varies.
func payload(_ slot: UInt64, _ round: UInt64 = 1, count: Int? = nil) -> [UInt8] {
    let count = count ?? Int(20 + slot * 37 % 300)
    // Mostly one byte, so that making and comparing it is quick; the front tells slot and round.
    var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: slot &* 31 &+ round &* 7), count: count)
    for place in 0..<min(8, count) { bytes[place] = UInt8(truncatingIfNeeded: (slot &* 1000 &+ round) >> (place * 8)) }
    return bytes
}

func ballot(_ round: UInt64) -> Ballot { Ballot(round: round, replica: ReplicaID(rawValue: 1)) }

extension DurableLog {
    @discardableResult
    func accept(_ slot: UInt64, _ round: UInt64 = 1, count: Int? = nil) throws(LogRefusal) -> LogSequence {
        let bytes = payload(slot, round, count: count)
        return try append(accepted: Slot(rawValue: slot), ballot: ballot(round), payload: bytes.span.bytes)
    }

    /// Makes everything durable that was appended.
    func flush() {
        submit()
        while stepWriter() {}
    }

    /// The bytes of a slot's proposal.
    func bytes(_ slot: UInt64) throws(LogError) -> (entry: AcceptedEntry, bytes: [UInt8])? {
        let builder = ByteBuilder()
        guard let entry = try read(Slot(rawValue: slot), into: builder) else { return nil }
        return (entry, [UInt8](copying: builder.bytes))
    }
}
