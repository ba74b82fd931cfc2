import CoreTypes
import Foundation
import PosixIO
import SystemPackage
import TestSupport
import Testing

@testable import ZnodeStore

@Suite("LMDB's own writes and syncs, recorded, cut and reordered")
struct LMDBCrashTests {
    /// Runs the workload under strace and reads the record.
    private func record(in directory: FilePath) throws -> [SystemCall] {
        let program = Bundle.main.executableURL?.deletingLastPathComponent() ?? URL(filePath: ".")
        let workload = [program, URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()]
            .map { $0.appending(path: "store-workload") }.first {
                FileManager.default.isExecutableFile(atPath: $0.path)
            }
        let path = try #require(
            workload?.path, "store-workload is not built beside the tests: swift build --build-tests")
        let strace = "/usr/bin/strace"
        try #require(
            FileManager.default.isExecutableFile(atPath: strace), "strace is missing: apt-get install strace")
        try RealFileSystem().createDirectory(directory)
        let record = FilePath(directory.string + ".strace")
        let process = Process()
        process.executableURL = URL(filePath: strace)
        process.arguments = [
            "-qq", "-xx", "-s", "16777216", "-e", "trace=" + SystemCallReader.traced, "-o", record.string, path,
            directory.string,
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "the workload failed under strace")
        let bytes = try RealFileSystem().readFile(record, byteCountMax: 1 << 30)
        try RealFileSystem().remove(record)
        return try SystemCallReader.read(bytes)
    }

    /// What is wrong with the store of a disk after a crash; nil when it is a checkpoint that it may be.
    private func fault(_ image: DiskImage, _ moment: CrashMoment) throws -> String? {
        let scratch = try ScratchDirectory("crash")
        let disk = MemoryFileSystem(image: image)
        for path in image.paths {
            let bytes = try disk.readFile(path, byteCountMax: 1 << 30)
            try scratch.write(bytes, to: path.lastComponent?.string ?? "")
        }
        let isThere = try scratch.fileSystem.exists(scratch.file("znodes.mdb"))
        if !isThere { return moment.isOpened ? "the store is gone" : nil }
        do throws(StoreError) {
            try ZnodeStore.checkPages(in: scratch.path)
            let store = try ZnodeStore.open(scratch.path)
            let report = try store.verify()
            if let finding = report.findings.first { return finding.description }
            let slot = report.slot.rawValue
            let isAllowed = slot == moment.writtenSlot || slot == moment.writingSlot
            return isAllowed ? nil : "slot \(slot), not \(moment.writtenSlot) or \(moment.writingSlot)"
        } catch {
            return error.description
        }
    }

    /// All subsets of up to eight changes; beyond that every prefix, every single loss, and seeded ones, some torn.
    private func fates(_ count: Int, _ random: inout SplitMix64) -> [[DiskImage.Survival]] {
        if count <= 8 {
            return (0..<(1 << count)).map { mask in (0..<count).map { mask & (1 << $0) != 0 ? .kept : .lost } }
        }
        let prefixes = (0...count).map { kept in (0..<count).map { $0 < kept ? DiskImage.Survival.kept : .lost } }
        let losses = (0..<count).map { lost in (0..<count).map { $0 == lost ? DiskImage.Survival.lost : .kept } }
        let drawn = (0..<64).map { _ in
            (0..<count).map { _ -> DiskImage.Survival in
                switch Int.random(in: 0..<3, using: &random) {
                case 0: .lost
                case 1: .kept
                default: .torn(sectors: UInt8.random(in: 0...255, using: &random))
                }
            }
        }
        return prefixes + losses + drawn
    }

    @Test("the store always opens, at the checkpoint that was acknowledged or the one that was being written")
    func crashes() throws {
        let scratch = try ScratchDirectory("record")
        let directory = FilePath(scratch.path.string + "-store")
        let calls = try record(in: directory)
        let moments = try CrashReplay(recordedIn: directory).run(calls)
        var random = SplitMix64(seed: 0xC4A5_4ED)
        var imageCount = 0
        var faults: [String] = []
        for (number, moment) in moments.enumerated() {
            let count = moment.image.unsyncedChanges.count
            for fate in fates(count, &random) {
                imageCount += 1
                if let fault = try fault(moment.image.crashed { fate[$0] }, moment) {
                    faults.append("moment \(number) of \(moments.count), \(count) unsynced: \(fault)")
                }
            }
        }
        #expect(faults.isEmpty, "\(faults.count) of \(imageCount): \(faults.prefix(3))")
        // Each of the six commits, and that of the empty store, has two syncs.
        #expect(moments.count >= 14 && imageCount > 600, "\(moments.count) moments, \(imageCount) images")
        try removeAll(directory)
    }

    @Test("a system that does not sync is found out by the same test")
    func negativeControl() throws {
        let scratch = try ScratchDirectory("record-lying")
        let directory = FilePath(scratch.path.string + "-store")
        let calls = try record(in: directory)
        let moments = try CrashReplay(recordedIn: directory, ignoresSyncs: true).run(calls)
        var random = SplitMix64(seed: 0xC4A5_4ED)
        var hasFault = false
        for moment in moments.reversed() where !hasFault {
            for fate in fates(moment.image.unsyncedChanges.count, &random) where !hasFault {
                hasFault = try fault(moment.image.crashed { fate[$0] }, moment) != nil
            }
        }
        #expect(hasFault)
        try removeAll(directory)
    }

    private func removeAll(_ directory: FilePath) throws {
        try FileManager.default.removeItem(atPath: directory.string)
    }
}
