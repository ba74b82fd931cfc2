import CoreTypes
import PosixIO
import Synchronization
import Testing

@testable import DurableLog

/// A short run of a log, with the disk of every moment at which it changed.
final class CrashWorkload {
    private let fixture: LogFixture
    private let log: DurableLog
    private var appended = CrashModel()

    /// Where the observer of the disk, which is called in the middle of a call, keeps what it sees.
    final class Moments: Sendable {
        private struct State {
            var acknowledged = CrashModel()
            var appended = CrashModel()
            var moments: [CrashMoment] = []
        }
        private let state = Mutex(State())

        func note(_ image: DiskImage) {
            state.withLock { state in
                state.moments.append(
                    CrashMoment(image: image, acknowledged: state.acknowledged, appended: state.appended))
            }
        }
        func set(appended: CrashModel) { state.withLock { $0.appended = appended } }
        func acknowledge() { state.withLock { $0.acknowledged = $0.appended } }
        var all: [CrashMoment] { state.withLock { $0.moments } }
    }
    private let moments: Moments

    /// Runs it; the moments are in the order of time, the last one is the end.
    static func run(_ mode: SyncMode) throws -> [CrashMoment] {
        let moments = Moments()
        let fixture = try LogFixture(mode: mode)
        fixture.fileSystem.observe { _, image in moments.note(image) }
        let workload = try CrashWorkload(fixture, moments)
        try workload.work()
        moments.note(fixture.fileSystem.image)
        return moments.all
    }

    /// Runs it as far as it goes with a fault; nothing is acknowledged after the log has said that it failed.
    ///
    /// - Returns: the end, and how the log says that it failed, or nil if the whole workload was done; nothing at all if
    ///   the workload has no call that the fault fits.
    static func run(_ mode: SyncMode, fault: FaultInjection) throws -> (end: CrashMoment, failure: String?)? {
        let moments = Moments()
        let fixture = try LogFixture(mode: mode)
        fixture.fileSystem.inject(fault)
        var failure: String?
        do {
            let workload = try CrashWorkload(fixture, moments)
            do {
                try workload.work()
            } catch {
                failure = workload.log.failure?.description ?? "no failure, but \(error)"
            }
        } catch {
            failure = "\(error)"
        }
        moments.note(fixture.fileSystem.image)
        let callCount = fault.operation.map { fixture.fileSystem.callCount($0) } ?? 0
        guard let end = moments.all.last, callCount >= fault.ordinal else { return nil }
        return (end, failure)
    }

    private init(_ fixture: LogFixture, _ moments: Moments) throws {
        self.fixture = fixture
        self.moments = moments
        (log, _) = try fixture.open()
    }

    private func work() throws {
        try promise(1)
        try acknowledge()
        for slot in 1...9 as ClosedRange<UInt64> {
            try accept(slot)
            if slot % 2 == 0 { try acknowledge() }
        }
        try setMembership([1, 2, 3])
        try acknowledge()
        log.stepMark()
        log.stepPreparer()
        try promise(2)
        try accept(9)
        try acknowledge()
        for slot in 10...30 as ClosedRange<UInt64> {
            try accept(slot)
            _ = try log.append(chosenThrough: Slot(rawValue: slot - 1))
            appended.chosenThrough = slot - 1
            if slot % 3 == 0 { try acknowledge() }
            log.stepPreparer()
        }
        try acknowledge()
        // The store has a checkpoint: old segments are recycled, and slots before it are not asked for any more.
        appended.firstSlotNeeded = 25
        try acknowledge()
        log.retain(checkpoint: Slot(rawValue: 24), snapshot: Slot(rawValue: 24))
        while log.stepPreparer() {}
        for slot in 31...40 as ClosedRange<UInt64> {
            try accept(slot)
            if slot % 4 == 0 { try acknowledge() }
            log.stepPreparer()
        }
        try acknowledge()
        log.stepMark(isCleanStop: true)
        #expect(log.status.recycledSegmentCount > 0)
    }

    private func accept(_ slot: UInt64) throws {
        let bytes = workloadPayload(slot, appended.promised)
        if slot > appended.rounds.count { appended.rounds.append(appended.promised) }
        appended.rounds[Int(slot) - 1] = appended.promised
        moments.set(appended: appended)
        do {
            _ = try log.append(
                accepted: Slot(rawValue: slot), ballot: ballot(appended.promised), payload: bytes.span.bytes)
        } catch LogRefusal.noSpace {
            // The disk was full for one call only: the preparer tries again, as its thread does after a while.
            while log.stepPreparer() {}
            _ = try log.append(
                accepted: Slot(rawValue: slot), ballot: ballot(appended.promised), payload: bytes.span.bytes)
        }
    }

    private func promise(_ round: UInt64) throws {
        appended.promised = round
        moments.set(appended: appended)
        _ = try log.append(promise: ballot(round))
    }

    private func setMembership(_ bytes: [UInt8]) throws {
        appended.membership = bytes
        moments.set(appended: appended)
        _ = try log.append(membership: bytes.span.bytes)
    }

    private func acknowledge() throws {
        moments.set(appended: appended)
        let last = log.status.lastSequence
        log.flush()
        guard log.durableSequence == last else { throw LogRefusal.failed }
        moments.acknowledge()
    }
}
