import Testing

@testable import Aviary

@Suite("Waiting for writers that come back")
struct WriterGatheringTests {
    private func note(_ count: Int, of releasedCount: Int, in gathering: inout WriterGathering) {
        gathering.noteGathered(count, of: releasedCount, missing: releasedCount, nanoseconds: 1_000)
    }

    /// Turns that release two writers until one of them is waited for.
    private func pause(_ gathering: inout WriterGathering) -> Int {
        var count = 0
        while !gathering.waits(afterReleasing: 2) { count += 1 }
        return count
    }

    @Test("one writer is never waited for, several are from the start")
    func lonely() {
        var gathering = WriterGathering()
        let waits = [0, 1, 2, 64].map { gathering.waits(afterReleasing: $0) }
        #expect(waits == [false, false, true, true])
    }

    @Test("a wait in vain is followed by a pause that doubles, up to a bound; one that pays ends that")
    func pauses() {
        var gathering = WriterGathering()
        var pauses: [Int] = []
        for _ in 0..<9 {
            note(2, of: 4, in: &gathering)
            pauses.append(pause(&gathering))
        }
        #expect(pauses == [16, 32, 64, 128, 256, 512, 1_024, 1_024, 1_024])
        note(3, of: 4, in: &gathering)
        pauses = [pause(&gathering)]
        note(0, of: 2, in: &gathering)
        pauses.append(pause(&gathering))
        #expect(pauses == [0, 16])
    }

    @Test("turns without writers to wait for do not use up a pause")
    func idleTurns() {
        var gathering = WriterGathering()
        note(0, of: 2, in: &gathering)
        for _ in 0..<100 { _ = gathering.waits(afterReleasing: 1) }
        let left = pause(&gathering)
        #expect(left == 16)
    }

    @Test("the next look comes after half of the time that missing writers took before")
    func looks() {
        var gathering = WriterGathering()
        let first = [64, 2, 1, 0].map { gathering.nanosecondsToNextLook(missing: $0) }
        #expect(first == [32_000, 1_000, 500, 0])
        for _ in 0..<100 { gathering.noteGathered(64, of: 64, missing: 32, nanoseconds: 64_000) }
        let learned = gathering.nanosecondsToNextLook(missing: 10)
        #expect(9_900...10_000 ~= learned)
    }

    @Test("a wait that some writers did not come back in says nothing of how long they take, nor does one for nobody")
    func looksAfterVainWaits() {
        var gathering = WriterGathering()
        gathering.noteGathered(63, of: 64, missing: 32, nanoseconds: 900_000)
        gathering.noteGathered(64, of: 64, missing: 0, nanoseconds: 900_000)
        let unchanged = gathering.nanosecondsToNextLook(missing: 2)
        #expect(unchanged == 1_000)
        for _ in 0..<200 { gathering.noteGathered(2, of: 2, missing: 2, nanoseconds: 60_000_000_000) }
        let bounded = gathering.nanosecondsToNextLook(missing: 2)
        #expect(99_000...100_000 ~= bounded)
    }
}
