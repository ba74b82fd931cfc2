import CoreTypes
import PosixIO
import Testing

@testable import DurableLog

/// What a workload has told a log, as far as some moment.
struct CrashModel: Sendable, Equatable {
    /// The ballot's round of each slot from 1; slots are accepted in order, and again under higher ballots.
    var rounds: [UInt64] = []
    var promised: UInt64 = 0
    var membership: [UInt8] = []
    var base: UInt64 = 0
    var chosenThrough: UInt64 = 0
    /// The first slot that the store does not have.
    var firstSlotNeeded: UInt64 = 1
}

/// A moment of a disk: what had been acknowledged by then, and what had been appended.
struct CrashMoment: Sendable {
    var image: DiskImage
    var acknowledged: CrashModel
    var appended: CrashModel
}

/// Something that recovery must not give.
struct IllegalRecovery: Error, CustomStringConvertible {
    var description: String
}

extension CrashMoment {
    /// Checks a recovered log: everything acknowledged is there, nothing is there that was not appended, and there is
    /// no hole.
    func check(_ log: DurableLog, _ recovered: RecoveredLog) throws {
        let first = acknowledged.firstSlotNeeded
        let slots = recovered.accepted.map(\.slot.rawValue)
        try legal(slots == Array(first..<(first + UInt64(slots.count))), "slots are \(slots)")
        let last = first + UInt64(slots.count) - 1
        try legal(last >= UInt64(acknowledged.rounds.count), "slot \(last + 1) was acknowledged and is lost")
        try legal(last <= UInt64(appended.rounds.count), "slot \(last) was never appended")
        for entry in recovered.accepted {
            let slot = Int(entry.slot.rawValue)
            try legal(entry.state == .whole, "slot \(slot) is faulty")
            let least = slot <= acknowledged.rounds.count ? acknowledged.rounds[slot - 1] : 0
            try legal(entry.ballot.round >= least, "slot \(slot) has an older ballot than was acknowledged")
            try legal(entry.ballot.round <= appended.rounds[slot - 1], "slot \(slot) has a ballot nobody used")
            let expected = workloadPayload(UInt64(slot), entry.ballot.round)
            try legal(try log.bytes(UInt64(slot))?.bytes == expected, "slot \(slot) has other bytes")
        }
        let promised = recovered.promised.round
        try legal(promised >= acknowledged.promised && promised <= appended.promised, "promised is \(promised)")
        let chosen = recovered.chosenThrough.rawValue
        try legal(chosen <= appended.chosenThrough, "chosen through \(chosen) was never said")
        let memberships = [acknowledged.membership, appended.membership]
        try legal(memberships.contains(recovered.membership), "membership is \(recovered.membership)")
        let base = recovered.base?.slot.rawValue ?? 0
        try legal(base == acknowledged.base || base == appended.base, "base is \(base)")
        try legal(recovered.report.cut?.mayHaveBeenAcknowledged != true || acknowledged != appended, "a false alarm")
    }

    private func legal(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw IllegalRecovery(description: message()) }
    }
}

/// Payloads of the workload: some small, some of several blocks.
func workloadPayload(_ slot: UInt64, _ round: UInt64) -> [UInt8] {
    payload(slot, round, count: slot % 4 == 0 || slot > 30 ? 9_000 : Int(40 + slot * 13))
}
