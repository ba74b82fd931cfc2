import CoreTypes
import Simulation
import Testing

@Suite("SimulatedClock")
struct SimulatedClockTests {
    private let second = SimulatedTime(rawValue: 1_000_000)

    @Test("an exact clock shows its beginning plus the time that passed")
    func exact() {
        let clock = SimulatedClock(startMicroseconds: 5_000, wallMicroseconds: 1_700_000_000_000_000)
        #expect(clock.tick(at: second) == Tick(rawValue: 1_005))
        #expect(clock.wallClock(at: second) == WallClockTime(rawValue: 1_700_000_001_000))
    }

    @Test("a fast clock gains, a slow one loses; a change of drift makes neither jump")
    func drift() {
        var clock = SimulatedClock(wallMicroseconds: 0, driftPartsPerMillion: 1_000)
        #expect(clock.monotonicMicroseconds(at: second) == 1_001_000)
        clock.setDrift(partsPerMillion: -1_000, at: second)
        #expect(clock.monotonicMicroseconds(at: second) == 1_001_000)
        #expect(clock.monotonicMicroseconds(at: SimulatedTime(rawValue: 2_000_000)) == 2_000_000)
    }

    @Test("the wall clock jumps, back as well, and the monotonic one does not")
    func jump() {
        var clock = SimulatedClock(wallMicroseconds: 10_000_000)
        let tick = clock.tick(at: second)
        clock.jump(microseconds: -3_000_000)
        #expect(clock.wallClock(at: second) == WallClockTime(rawValue: 8_000))
        clock.jump(microseconds: 60_000_000)
        #expect(clock.wallClock(at: second) == WallClockTime(rawValue: 68_000))
        #expect(clock.tick(at: second) == tick)
    }

    @Test("the monotonic clock never goes back, whatever happens to it")
    func monotonic() {
        var clock = SimulatedClock(wallMicroseconds: 0)
        var generator = SplitMix64(seed: 9)
        var (now, last) = (SimulatedTime.zero, 0 as UInt64)
        for _ in 0..<10_000 {
            now = now.adding(microseconds: generator.next() % 3_000)
            let shown = clock.monotonicMicroseconds(at: now)
            #expect(shown >= last)
            last = shown
            if generator.next() % 10 == 0 {
                clock.setDrift(partsPerMillion: Int64(generator.next() % 200_001) - 100_000, at: now)
            }
            if generator.next() % 10 == 0 { clock.jump(microseconds: -Int64(generator.next() % 1_000_000)) }
        }
    }
}
