import CoreTypes
import PosixIO
import SystemPackage
import TestSupport
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
        let repeated = try after.inspect(firstSlotNeeded: first)
        if repeated.accepted != recovered.accepted || repeated.promised != recovered.promised
            || repeated.membership != recovered.membership || repeated.base != recovered.base
            || repeated.chosenThrough != recovered.chosenThrough || repeated.report.cut != nil
        {
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

    @Test("a crash during recovery itself does no harm")
    func recoveryCrashes() throws {
        let moments = try CrashWorkload.run(.syncCall)
        var count = 0
        for (number, moment) in moments.enumerated() where number % 3 == 0 {
            for (place, image) in crashes(of: moment.image, seed: UInt64(number)).enumerated() where place % 7 == 0 {
                let fixture = try LogFixture(image, mode: .syncCall)
                try fixture.fileSystem.createDirectory(LogFixture.directory)
                let seen = CrashWorkload.Moments()
                fixture.fileSystem.observe { _, image in seen.note(image) }
                _ = try fixture.open(firstSlotNeeded: moment.acknowledged.firstSlotNeeded)
                for again in seen.all {
                    for state in [0, 1, 2] as [UInt64] {
                        var random = SplitMix64(seed: state)
                        let torn = again.image.crashed { _ in
                            state == 0 ? .lost : state == 1 ? .kept : random.next() & 1 == 0 ? .kept : .lost
                        }
                        count += 1
                        try recover(moment, torn, .syncCall)
                    }
                }
            }
        }
        #expect(count > 100)
    }

    @Test(
        "after any call that fails, nothing acknowledged is lost, and the log says that it failed",
        arguments: [Errno.ioError, .noSpace])
    func everyFault(errno: Errno) throws {
        for operation in [
            FileOperation.open, .create, .write, .sync, .syncDirectory, .rename, .allocate, .remove, .list,
        ] {
            var ordinal = 1
            while true {
                let fault = FaultInjection(
                    operation, ordinal: ordinal, errno: errno, shortByteCount: ordinal % 2 == 0 ? 4096 : 0)
                guard let (end, failure) = try CrashWorkload.run(.syncCall, fault: fault) else { break }
                let place = "\(operation.rawValue) \(ordinal)"
                do {
                    let fate: DiskImage.Survival = ordinal % 3 == 0 ? .kept : .lost
                    try recover(end, end.image.crashed { _ in fate }, .syncCall)
                } catch {
                    Issue.record("\(place): \(error); the log said \(failure ?? "nothing")")
                }
                if let failure {
                    #expect(failure.contains("log") && !failure.hasPrefix("no failure"), "\(place): \(failure)")
                }
                ordinal += 1
            }
            #expect(ordinal > 1 || operation == .remove, "\(operation) was never called")
        }
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
