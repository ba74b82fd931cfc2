import CoreTypes
import Testing

@testable import ReplicaEngine

@Suite("When a checkpoint and when a snapshot is due")
struct CheckpointScheduleTests {
    private let options = EngineOptions()
    private func tick(_ milliseconds: UInt64) -> Tick { Tick(rawValue: milliseconds) }
    private let second: UInt64 = 1_000_000_000

    @Test("by the time a replay would take, and writers wait when as much has come on top")
    func replayTime() {
        var schedule = CheckpointSchedule()
        schedule.noteApplied(commands: 1, bytes: 1, deltaByteCount: 1, nanoseconds: 90_000_000)
        #expect(!schedule.isCheckpointDue(now: tick(1), options: options))
        schedule.noteApplied(commands: 1, bytes: 1, deltaByteCount: 1, nanoseconds: 20_000_000)
        #expect(schedule.isCheckpointDue(now: tick(1), options: options))
        #expect(!schedule.mustWait(options))
        schedule.checkpointBegan(now: tick(1), isNew: true)
        schedule.noteApplied(commands: 1, bytes: 1, deltaByteCount: 1, nanoseconds: 101_000_000)
        #expect(schedule.mustWait(options))
        schedule.checkpointEnded(slot: Slot(rawValue: 2), deltaByteCount: 1)
        #expect(!schedule.mustWait(options) && schedule.isCheckpointDue(now: tick(2), options: options))
    }

    @Test("what was looked up beforehand counts as others took that were not, and before those as nothing")
    func prefetched() {
        var schedule = CheckpointSchedule()
        schedule.noteApplied(commands: 1_000, bytes: 1, deltaByteCount: 1, nanoseconds: nil)
        #expect(schedule.activeReplayNanoseconds == 0)
        schedule.noteApplied(commands: 10, bytes: 1, deltaByteCount: 1, nanoseconds: 20_000)
        schedule.noteApplied(commands: 1_000, bytes: 1, deltaByteCount: 1, nanoseconds: nil)
        #expect(schedule.activeReplayNanoseconds == 2_020_000)
        for _ in 0..<100 { schedule.noteApplied(commands: 2, bytes: 1, deltaByteCount: 1, nanoseconds: 20_000) }
        schedule.checkpointBegan(now: tick(1), isNew: true)
        schedule.noteApplied(commands: 1_000, bytes: 1, deltaByteCount: 1, nanoseconds: nil)
        #expect((9_900_000...10_000_000).contains(schedule.activeReplayNanoseconds))
        schedule.noteApplied(commands: 0, bytes: 1, deltaByteCount: 1, nanoseconds: 1)
    }

    @Test("after a failure the same delta is tried again, and what came after it is not forgotten")
    func failure() {
        var schedule = CheckpointSchedule()
        schedule.noteApplied(commands: 5, bytes: 1, deltaByteCount: 1, nanoseconds: second)
        schedule.checkpointBegan(now: tick(1), isNew: true)
        schedule.checkpointFailed(retry: tick(2_001))
        #expect(!schedule.isCheckpointDue(now: tick(2_000), options: options))
        #expect(!schedule.isStuck(options))
        schedule.noteApplied(commands: 5, bytes: 1, deltaByteCount: options.deltaByteCountMax, nanoseconds: 1)
        #expect(schedule.isStuck(options))
        schedule.checkpointBegan(now: tick(2_001), isNew: false)
        schedule.checkpointEnded(slot: Slot(rawValue: 1), deltaByteCount: 1)
        #expect(!schedule.isStuck(options))
        #expect(schedule.isCheckpointDue(now: tick(2_002), options: options))
    }

    @Test("of a large store not more is changed than a checkpoint should copy; a small one is as well copied whole")
    func pages() {
        let most = Limits.pagesPerCheckpointMax
        let cases = [
            (pages: most, commands: Int.max), (pages: 2 * most, commands: most * 13 / 10),
            (pages: 1_000 * most, commands: most),
        ]
        for (pages, commands) in cases {
            var schedule = CheckpointSchedule()
            schedule.noteStore(byteCount: pages * 4_096)
            schedule.noteApplied(
                commands: min(commands - 1, options.commandsPerCheckpointMax - 1), bytes: 1, deltaByteCount: 1,
                nanoseconds: 1)
            #expect(!schedule.isCheckpointDue(now: tick(1), options: options))
            // 1 - exp(-1.4) of twice as many pages are half as many again: more than should be copied.
            schedule.noteApplied(commands: most / 10, bytes: 1, deltaByteCount: 1, nanoseconds: 1)
            #expect(schedule.isCheckpointDue(now: tick(1), options: options))
        }
    }

    @Test("after a replay that was cut in two both halves are written, and the first writers wait for neither")
    func cutReplay() {
        var schedule = CheckpointSchedule()
        schedule.noteReplayed(commands: 9, nanoseconds: second, deltaByteCount: 1, isCut: true)
        #expect(schedule.isCheckpointDue(now: tick(1), options: options))
        schedule.checkpointBegan(now: tick(1), isNew: false)
        schedule.noteApplied(commands: 1, bytes: 1, deltaByteCount: 1, nanoseconds: 1)
        #expect(!schedule.mustWait(options))
        schedule.checkpointEnded(slot: Slot(rawValue: 5), deltaByteCount: 1)
        #expect(schedule.isCheckpointDue(now: tick(2), options: options))
        schedule.checkpointBegan(now: tick(2), isNew: true)
        #expect(!schedule.mustWait(options))
        schedule.checkpointEnded(slot: Slot(rawValue: 9), deltaByteCount: 1)
        #expect(!schedule.isCheckpointDue(now: tick(3), options: options))
    }

    @Test("a checkpoint lets others go first until writers would wait for it, and then is told to hurry, once")
    func pressing() {
        var schedule = CheckpointSchedule()
        schedule.noteApplied(commands: 5, bytes: 1, deltaByteCount: 1, nanoseconds: second)
        var answers = [schedule.mustHurry(now: tick(1), options: options)]
        let givesWay = schedule.checkpointBegan(now: tick(1), isNew: true)
        schedule.noteApplied(commands: 5, bytes: 1, deltaByteCount: 1, nanoseconds: 89_000_000)
        answers.append(schedule.mustHurry(now: tick(1_000), options: options))
        schedule.noteApplied(commands: 5, bytes: 1, deltaByteCount: 1, nanoseconds: 2_000_000)
        answers.append(schedule.mustHurry(now: tick(1_000), options: options))
        answers.append(schedule.mustHurry(now: tick(1_000), options: options))
        #expect(givesWay && !schedule.mustWait(options))
        #expect(answers == [false, false, true, false])
        schedule.checkpointEnded(slot: Slot(rawValue: 1), deltaByteCount: 1)
        let givesWayAgain = schedule.checkpointBegan(now: tick(1_001), isNew: true)
        schedule.noteApplied(
            commands: 5, bytes: 1, deltaByteCount: options.deltaByteCountMax / 10 * 9, nanoseconds: 0)
        let mustHurry = schedule.mustHurry(now: tick(1_001), options: options)
        #expect(givesWayAgain && mustHurry)
    }

    @Test("one that does not get on is told to hurry though nobody presses, and for a while none lets others go first")
    func late() {
        var schedule = CheckpointSchedule()
        var givesWay = [schedule.checkpointBegan(now: tick(5), isNew: true)]
        var mustHurry = [schedule.mustHurry(now: tick(1_004), options: options)]
        mustHurry.append(schedule.mustHurry(now: tick(1_005), options: options))
        schedule.checkpointEnded(slot: Slot(rawValue: 1), deltaByteCount: 1)
        givesWay.append(schedule.checkpointBegan(now: tick(61_004), isNew: true))
        mustHurry.append(schedule.mustHurry(now: tick(99_004), options: options))
        schedule.checkpointEnded(slot: Slot(rawValue: 2), deltaByteCount: 1)
        givesWay.append(schedule.checkpointBegan(now: tick(61_005), isNew: true))
        #expect(givesWay == [true, false, true])
        #expect(mustHurry == [false, true, false])
    }

    @Test("one that somebody asked for, or that is tried again, waits for nobody")
    func awaited() {
        var schedule = CheckpointSchedule()
        schedule.isRequested = true
        let givesWay = schedule.checkpointBegan(now: tick(1), isNew: true)
        schedule.checkpointFailed(retry: tick(2_001))
        let givesWayAgain = schedule.checkpointBegan(now: tick(2_001), isNew: false)
        let mustHurry = schedule.mustHurry(now: tick(9_000), options: options)
        #expect(!givesWay && !givesWayAgain && !mustHurry)
    }

    @Test(
        "one that is under way when somebody asks for one, or waits for its end, is told to hurry",
        arguments: [true, false])
    func askedFor(isAwaited: Bool) {
        var schedule = CheckpointSchedule()
        schedule.checkpointBegan(now: tick(1), isNew: true)
        schedule.isRequested = !isAwaited
        let mustHurry = schedule.mustHurry(now: tick(2), isAwaited: isAwaited, options: options)
        #expect(mustHurry)
    }

    @Test("copies for somebody do not put off the directory's own snapshots; a failed one is tried again")
    func snapshots() {
        var schedule = CheckpointSchedule()
        schedule.checkpointSlot = Slot(rawValue: 9)
        let day = options.snapshotIntervalMilliseconds
        schedule.snapshotBegan(now: tick(day - 1), isOwn: false)
        schedule.snapshotEnded()
        #expect(schedule.isSnapshotDue(now: tick(day), storeByteCount: 0, options: options))
        schedule.snapshotBegan(now: tick(day), isOwn: true)
        #expect(!schedule.isSnapshotDue(now: tick(2 * day), storeByteCount: 0, options: options))
        schedule.snapshotEnded(retry: tick(day + 60_000))
        #expect(!schedule.isSnapshotDue(now: tick(day + 59_999), storeByteCount: 0, options: options))
        #expect(schedule.isSnapshotDue(now: tick(day + 60_000), storeByteCount: 0, options: options))
        schedule.snapshotBegan(now: tick(day + 60_000), isOwn: true)
        schedule.snapshotEnded(slot: Slot(rawValue: 9))
        #expect(!schedule.isSnapshotDue(now: tick(9 * day), storeByteCount: 0, options: options))
    }
}
