import CoreTypes
import Testing

@testable import DurableLog

@Suite("The group commit controller")
struct GroupCommitControllerTests {
    private func controller(sync: UInt64, turnaround: UInt64) -> GroupCommitController {
        var controller = GroupCommitController()
        for _ in 0..<50 {
            controller.noteSync(nanoseconds: sync)
            controller.noteTurnaround(nanoseconds: turnaround)
        }
        return controller
    }

    private func wait(
        _ controller: GroupCommitController, pending: Int = 10, bytes: Int = 1000, writers: Int = 64
    ) -> UInt64 {
        controller.waitNanoseconds(pendingCount: pending, pendingByteCount: bytes, writersInFlight: writers)
    }

    @Test("it never waits with one writer")
    func oneWriter() {
        let slow = controller(sync: 10_000_000, turnaround: 300_000)
        for pending in 0...3 { #expect(wait(slow, pending: pending, writers: 1) == 0) }
        #expect(wait(slow, pending: 0, writers: 0) == 0)
    }

    @Test("it never waits on a fast disk")
    func fastDisk() {
        for sync in [UInt64(1_000), 50_000, 150_000, 399_000] {
            #expect(wait(controller(sync: sync, turnaround: 1_000)) == 0)
        }
    }

    @Test("it never waits past half a sync, whatever it measured")
    func halfASync() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<2_000 {
            let sync = random.next() % 50_000_000 + 1
            let controller = controller(sync: sync, turnaround: random.next() % 60_000_000 + 1)
            let waited = wait(
                controller, pending: Int(random.next() % 70), bytes: Int(random.next() % 300_000),
                writers: Int(random.next() % 70))
            #expect(waited <= sync / 2 + 1)
        }
    }

    @Test("it waits about a turnaround on a slow disk, until nine tenths of the writers are there")
    func slowDisk() {
        let slow = controller(sync: 10_000_000, turnaround: 300_000)
        #expect((300_000...400_000).contains(wait(slow, pending: 32)))
        #expect(wait(slow, pending: 57) > 0)
        #expect(wait(slow, pending: 58) == 0)
        #expect(wait(slow, bytes: GroupCommitController.fullByteCount) == 0)
        #expect(wait(controller(sync: 1_000_000, turnaround: 900_000)) == 0)
    }

    @Test("it does not wait before it has measured anything")
    func unknown() {
        #expect(wait(GroupCommitController()) == 0)
        var controller = GroupCommitController()
        controller.noteSync(nanoseconds: 5_000_000)
        #expect(wait(controller) == 0)
    }

    /// Clients in a closed loop on a disk: each sends its next write a turnaround after its answer. Virtual time.
    ///
    /// - Returns: writes a second.
    private func throughput(sync: UInt64, turnaround: UInt64, clients: Int, isControlled: Bool) -> Double {
        var controller = GroupCommitController()
        var meter = TurnaroundMeter()
        var random = SplitMix64(seed: 11)
        var arrivals = (0..<clients).map { UInt64($0) * 1_000 }
        var now: UInt64 = 0
        var written = 0
        while now < 2_000_000_000 {
            arrivals.sort()
            now = max(now, arrivals[0])
            var pending = arrivals.prefix { $0 <= now }.count
            if isControlled {
                if let sample = meter.takeSample() { controller.noteTurnaround(nanoseconds: sample) }
                let end =
                    now
                    + controller.waitNanoseconds(
                        pendingCount: pending, pendingByteCount: pending * 100, writersInFlight: clients)
                while now < end, pending * 10 < clients * 9, pending < clients {
                    now = min(end, max(now, arrivals[pending]))
                    pending = arrivals.prefix { $0 <= now }.count
                }
            }
            let took = sync * 7 / 10 + random.next() % (sync * 6 / 10 + 1)
            // Arrivals during the sync are metered when they happen.
            for arrival in arrivals.dropFirst(pending) where arrival <= now + took { meter.arrived(1) { arrival } }
            now += took
            controller.noteSync(nanoseconds: took)
            meter.released(pending, at: now)
            written += pending
            for place in 0..<pending {
                arrivals[place] = now + turnaround * 7 / 10 + random.next() % (turnaround * 6 / 10)
            }
        }
        return Double(written) / (Double(now) / 1e9)
    }

    @Test("in a closed loop it is as good as no wait on a fast disk, and better on a slow one")
    func closedLoop() {
        func gain(_ sync: UInt64, _ clients: Int) -> Double {
            throughput(sync: sync, turnaround: 300_000, clients: clients, isControlled: true)
                / throughput(sync: sync, turnaround: 300_000, clients: clients, isControlled: false)
        }
        #expect(gain(100_000, 64) > 0.99)
        #expect(gain(100_000, 1) > 0.99)
        #expect(gain(1_000_000, 64) > 1.15)
        #expect(gain(10_000_000, 64) > 1.5)
        #expect(gain(10_000_000, 1) > 0.99)
    }

    @Test("the meter tells when half of the released writers were back")
    func meter() {
        var meter = TurnaroundMeter()
        meter.released(4, at: 100)
        meter.arrived(1) { 150 }
        #expect(meter.takeSample() == nil)
        meter.arrived(1) { 180 }
        #expect(meter.takeSample() == 80)
        #expect(meter.takeSample() == nil)
        meter.released(4, at: 200)
        meter.released(1, at: 300)
        #expect(meter.takeSample() == 100)
    }

    @Test("the histogram's quantiles are right to an eighth")
    func histogram() {
        var histogram = SyncTimeHistogram()
        #expect(histogram.nanoseconds(quantile: 0.5) == 0)
        for value in 1...10_000 as ClosedRange<UInt64> { histogram.add(nanoseconds: value * 100) }
        for (quantile, exact) in [(0.5, 500_000.0), (0.99, 990_000.0), (0.001, 1_000.0)] {
            let found = Double(histogram.nanoseconds(quantile: quantile))
            #expect(found >= exact && found <= exact * 1.126)
        }
        #expect(histogram.nanoseconds(quantile: 1) == 1_000_000)
        #expect(histogram.maxNanoseconds == 1_000_000)
        histogram.add(nanoseconds: .max)
        #expect(histogram.nanoseconds(quantile: 1) == .max)
    }
}
