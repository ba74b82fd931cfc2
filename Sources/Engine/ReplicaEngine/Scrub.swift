internal import CoreTypes
internal import DurableLog
internal import PosixIO
internal import SnapshotFile
internal import Synchronization
internal import ZnodeTree

/// Reads what is seldom read, to find damage while another copy of it is still there (`design.md` D9): the store, the
/// log and the snapshots, in this order, at a bounded rate.
///
/// It runs on a thread of its own while the engine works; `cancel` ends it within a tenth of a second.
final class Scrub: Sendable {
    private let bytesPerSecond: Int
    private let isCancelled = Atomic<Bool>(false)
    private let cancelled = WakeSignal()

    init(bytesPerSecond: Int) { self.bytesPerSecond = bytesPerSecond }

    func cancel() {
        isCancelled.store(true, ordering: .releasing)
        cancelled.signal()
    }

    /// Does it.
    ///
    /// - Returns: what is damaged, with file, place and remedy; nil if it was cancelled.
    func run(_ store: any EngineStore, _ log: DurableLog, _ snapshots: SnapshotDirectory) -> ScrubFindings? {
        var findings = ScrubFindings()
        findings.ofStore = store.scrub { self.rest(afterByteCount: $0) }
        findings.ofFiles = scrub(log)
        do throws(SnapshotError) {
            for slot in try snapshots.slots() where !isCancelled.load(ordering: .acquiring) {
                try scrub(snapshots, slot, &findings.ofFiles)
            }
        } catch {
            findings.ofFiles.append(error.description)
        }
        return isCancelled.load(ordering: .acquiring) ? nil : findings
    }

    private func scrub(_ log: DurableLog) -> [String] {
        let scrub = log.makeScrub()
        var findings: [String] = []
        do throws(LogError) {
            while let segment = try scrub.step() {
                for damage in segment.damages { findings.append(LogError.damaged(damage).description) }
                if !rest(afterByteCount: Int(segment.byteCount)) { break }
            }
        } catch {
            findings.append(error.description)
        }
        return findings
    }

    private func scrub(
        _ snapshots: SnapshotDirectory, _ slot: Slot, _ findings: inout [String]
    ) throws(SnapshotError) {
        do throws(SnapshotError) {
            try snapshots.verify(slot) { self.rest(afterByteCount: $0) }
        } catch {
            // A newer one may have taken its place meanwhile; what is damaged stays.
            let isThere = try snapshots.slots().contains(slot)
            if isThere, !isCancelled.load(ordering: .acquiring) { findings.append(error.description) }
        }
    }

    /// Lets others have the disk; false once it is cancelled.
    private func rest(afterByteCount count: Int) -> Bool {
        if isCancelled.load(ordering: .acquiring) { return false }
        let nanoseconds = UInt64(count) * 1_000_000_000 / UInt64(bytesPerSecond)
        if nanoseconds > 0 { _ = cancelled.wait(nanoseconds: nanoseconds) }
        return !isCancelled.load(ordering: .acquiring)
    }
}
