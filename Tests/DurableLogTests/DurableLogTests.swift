import CoreTypes
import PosixIO
import Testing

@testable import DurableLog

@Suite("The log")
struct DurableLogTests {
    @Test("what was accepted is found again, and read, across segments")
    func roundTrip() throws {
        let fixture = try LogFixture()
        let (log, first) = try fixture.open()
        #expect(first.report.isNew)
        #expect(first.accepted.isEmpty)
        for slot in 1...300 as ClosedRange<UInt64> {
            try log.accept(slot)
            if slot % 3 == 0 { log.flush() }
        }
        log.flush()
        #expect(log.status.segmentCount > 3)
        for slot in 1...300 as ClosedRange<UInt64> { #expect(try log.bytes(slot)?.bytes == payload(slot)) }
        let reopened = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost })
        let (again, recovered) = try reopened.open(firstSlotNeeded: 100)
        #expect(recovered.accepted.map(\.slot.rawValue) == Array(100...300))
        #expect(recovered.identity == first.identity)
        for slot in (1...300 as ClosedRange<UInt64>).reversed() {
            #expect(try again.bytes(slot)?.bytes == payload(slot))
        }
        #expect(try again.bytes(301) == nil)
        print(recovered.report.summary)
    }
}
