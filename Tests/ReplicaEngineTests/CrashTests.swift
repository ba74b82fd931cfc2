import CoreTypes
import DurableLog
import PosixIO
import TestSupport
import Testing
import ZnodeTree

@testable import ReplicaEngine

@Suite("Crashes of the engine at every write")
struct CrashTests {
    struct IllegalRecovery: Error, CustomStringConvertible {
        var description: String
    }

    /// Opens the engine on a crashed disk: what was answered is there, and the tree is exactly as it was at some slot.
    /// Then the disk crashes once more, and the same is found.
    private func recover(
        _ moment: CrashMoment, _ image: DiskImage, _ mode: SyncMode, _ expected: [Slot: ExpectedState]
    ) throws {
        let slot = try open(image, moment.base.copy(), mode, expected) { disk, slot in
            let again = try open(disk.crashed { _ in .lost }, moment.base.copy(), mode, expected) { _, _ in }
            guard again == slot else { throw IllegalRecovery(description: "found slot \(slot), and then \(again)") }
        }
        guard slot >= moment.answered else {
            throw IllegalRecovery(
                description: "slot \(moment.answered.rawValue) was answered, \(slot.rawValue) is left")
        }
    }

    private func open(
        _ image: DiskImage, _ base: ModelZnodeBase, _ mode: SyncMode, _ expected: [Slot: ExpectedState],
        _ body: (DiskImage, Slot) throws -> Void
    ) throws -> Slot {
        let driver = try EngineDriver(
            fileSystem: MemoryFileSystem(image: image), base: base, options: CrashWorkload.options(mode))
        let slot = driver.engine.appliedSlot
        let found = ExpectedState(driver.engine)
        guard let wanted = expected[slot] else { throw IllegalRecovery(description: "slot \(slot) was never reached") }
        guard found == wanted else { throw IllegalRecovery(description: "at slot \(slot): \(found), not \(wanted)") }
        try body(driver.fileSystem.image, slot)
        try driver.engine.close()
        return slot
    }

    @Test(
        "what is found after a crash at any write is what was answered, whole, and found again",
        arguments: [SyncMode.direct, .syncCall])
    func everyWrite(mode: SyncMode) throws {
        let workload = try CrashWorkload(mode)
        try workload.run()
        var count = 0
        for (number, moment) in workload.moments.enumerated() {
            for (place, image) in crashes(of: moment.image, seed: UInt64(number), seededCount: 4).enumerated() {
                count += 1
                do {
                    try recover(moment, image, mode, workload.expected)
                } catch {
                    Issue.record("\(mode), moment \(number) of \(workload.moments.count), crash \(place): \(error)")
                    return
                }
            }
        }
        #expect(count > 500)
    }

    @Test("the check catches a log that does not sync")
    func negativeControl() throws {
        let workload = try CrashWorkload(.unsafeNoSync)
        try workload.run()
        var illegalCount = 0
        for (number, moment) in workload.moments.enumerated().reversed() where illegalCount < 5 {
            var random = SplitMix64(seed: UInt64(number))
            let image = moment.image.crashed { _ in random.next() & 1 == 0 ? .kept : .lost }
            do {
                try recover(moment, image, .unsafeNoSync, workload.expected)
            } catch {
                illegalCount += 1
            }
        }
        #expect(illegalCount >= 5)
    }
}
