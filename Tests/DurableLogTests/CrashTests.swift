import CoreTypes
import PosixIO
import Testing

@testable import DurableLog

@Suite("Crashes at every write")
struct CrashTests {
    /// Opens the log of a crashed disk and checks it; then crashes again at once, and finds the same.
    private func recover(_ moment: CrashMoment, _ image: DiskImage, _ mode: SyncMode) throws {
        let fixture = try LogFixture(image, mode: mode)
        try fixture.fileSystem.createDirectory(LogFixture.directory)
        let first = moment.acknowledged.firstSlotNeeded
        let (log, recovered) = try fixture.open(firstSlotNeeded: first)
        try moment.check(log, recovered)
        let after = try LogFixture(fixture.fileSystem.image.crashed { _ in .lost }, mode: mode)
        let (again, repeated) = try after.open(firstSlotNeeded: first)
        try moment.check(again, repeated)
        if repeated.accepted != recovered.accepted || repeated.promised != recovered.promised {
            throw IllegalRecovery(description: "the second recovery finds something else")
        }
    }

    @Test(
        "recovery is legal and repeatable after a crash at any write",
        arguments: [SyncMode.direct, .syncCall])
    func everyWrite(mode: SyncMode) throws {
        let moments = try CrashWorkload.run(mode)
        var count = 0
        for (number, moment) in moments.enumerated() {
            for (place, image) in crashes(of: moment.image, seed: UInt64(number)).enumerated() {
                count += 1
                do {
                    try recover(moment, image, mode)
                } catch {
                    Issue.record("\(mode), moment \(number), crash \(place): \(error)")
                    return
                }
            }
        }
        #expect(count > 500)
    }

    @Test("the check catches a log that does not sync")
    func negativeControl() throws {
        let moments = try CrashWorkload.run(.unsafeNoSync)
        var illegalCount = 0
        for (number, moment) in moments.enumerated().reversed() where illegalCount < 10 {
            var random = SplitMix64(seed: UInt64(number))
            let image = moment.image.crashed { _ in random.next() & 1 == 0 ? .kept : .lost }
            do {
                try recover(moment, image, .unsafeNoSync)
            } catch {
                illegalCount += 1
            }
        }
        #expect(illegalCount >= 10)
    }
}
