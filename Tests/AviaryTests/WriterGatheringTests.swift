import Testing

@testable import Aviary

@Suite("Waiting for writers that come back")
struct WriterGatheringTests {
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
            gathering.noteGathered(2, of: 4)
            pauses.append(pause(&gathering))
        }
        #expect(pauses == [16, 32, 64, 128, 256, 512, 1_024, 1_024, 1_024])
        gathering.noteGathered(3, of: 4)
        pauses = [pause(&gathering)]
        gathering.noteGathered(0, of: 2)
        pauses.append(pause(&gathering))
        #expect(pauses == [0, 16])
    }

    @Test("turns without writers to wait for do not use up a pause")
    func idleTurns() {
        var gathering = WriterGathering()
        gathering.noteGathered(0, of: 2)
        for _ in 0..<100 { _ = gathering.waits(afterReleasing: 1) }
        let left = pause(&gathering)
        #expect(left == 16)
    }
}
