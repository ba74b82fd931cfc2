internal import CoreTypes
package import DurableLog
internal import PosixIO
internal import SnapshotFile
internal import SystemPackage
internal import ZnodeStore

/// Makes the store of a data directory anew, from the newest snapshot that is whole and the log after it.
///
/// Nothing acknowledged is lost by that. Retention keeps every slot above the lower of checkpoint and newest verified
/// snapshot, so some snapshot (or none, while slot 1 is still in the log) and the log together prove all that the store
/// held. That they do is checked before anything is changed: the snapshot to its last byte; the log to its end, without a
/// gap between the two and within; that the log is this directory's, and reaches as far as every snapshot and the old
/// store, as far as it can be asked, say that there were slots. One of several replicas needs no whole log: it fetches from
/// the others what it lacks.
///
/// Crash safety: the new file is made beside the old one, which is renamed only once the new one is whole and durable,
/// and never over another one. A crash between the two renames leaves no store; the next start does the same once more.
package struct StoreRebuild {
    package typealias Function = (
        DataDirectory, DirectoryIdentity, EngineError
    ) throws(EngineError) -> String

    private let directory: DataDirectory
    private let identity: DirectoryIdentity
    private let policy: RecoveryPolicy
    private let snapshots: SnapshotDirectory

    package init(_ directory: DataDirectory, _ identity: DirectoryIdentity, policy: RecoveryPolicy) {
        self.directory = directory
        self.identity = identity
        self.policy = policy
        snapshots = SnapshotDirectory(directory.snapshotPath, fileSystem: directory.fileSystem)
    }

    /// Rebuilds the store of a directory that no process has open, whether it is damaged or not.
    ///
    /// - Returns: what was done, for the operator.
    package static func run(
        _ path: String, logDirectory: String?
    ) throws(EngineError) -> String {
        let directory = try DataDirectory.existing(path, logDirectory: logDirectory)
        defer { directory.release() }
        guard let identity = try directory.readIdentity() else {
            throw EngineError(.damaged, "\(path): the file \"identity\" is missing: put it back from a backup")
        }
        return try StoreRebuild(directory, identity, policy: DirectoryState.founded(identity).policy)
            .run(EngineError(.damagedStore, "a rebuild was asked for"))
    }

    /// Does it.
    ///
    /// - Parameter cause: why; it is thrown, with what is in the way, where there is no way.
    /// - Returns: what was done, for the operator.
    package func run(_ cause: EngineError) throws(EngineError) -> String {
        var obstacles: [String] = []
        let highest = highestKnownSlot
        for slot in snapshotSlots(&obstacles) {
            if let done = try rebuild(from: slot, reaching: highest, &obstacles) { return "\(cause); \(done)" }
        }
        if let log = wholeLog(after: .none, reaching: highest, &obstacles) {
            let aside = try setAside(cause)
            return "\(cause); "
                + notice("the log, which has every slot and is replayed from the first one", log, aside)
        }
        if policy == .cluster { return try beginEmpty(cause) }
        throw EngineError(
            .damagedStore,
            "\(cause); the store cannot be rebuilt from this directory: \(obstacles.joined(separator: "; ")); "
                + "put back a copy of the directory, or a snapshot into \(directory.snapshotPath)")
    }

    /// One of several replicas promised and accepted in its log; what its store held the others have.
    private func beginEmpty(_ cause: EngineError) throws(EngineError) -> String {
        let aside = try setAside(cause)
        let kept = aside.map { "; the old file is kept as \($0)" } ?? ""
        return "\(cause); the store is empty now, and filled from the other replicas\(kept)"
    }

    private func setAside(_ cause: EngineError) throws(EngineError) -> FilePath? {
        do throws(StoreError) { return try ZnodeStore.setAside(in: directory.storePath) } catch {
            throw EngineError(.directoryNotUsable, "\(cause); the store could not be set aside: \(error)")
        }
    }

    /// The snapshots, newest first.
    private func snapshotSlots(_ obstacles: inout [String]) -> [Slot] {
        do throws(SnapshotError) {
            let slots = try snapshots.slots()
            if slots.isEmpty { obstacles.append("there is no snapshot in \(directory.snapshotPath)") }
            return slots
        } catch {
            obstacles.append(error.description)
            return []
        }
    }

    /// Rebuilds from one snapshot; nil if that cannot be.
    private func rebuild(
        from slot: Slot, reaching highest: Slot, _ obstacles: inout [String]
    ) throws(EngineError) -> String? {
        let path = snapshots.path(of: slot)
        let reader: SnapshotReader
        do throws(SnapshotError) {
            try snapshots.verify(slot)
            reader = try SnapshotReader(path, fileSystem: directory.fileSystem)
        } catch {
            obstacles.append(error.description)
            return nil
        }
        // One of several replicas may have it from another one.
        guard reader.header.cluster == identity.cluster,
            policy == .cluster || reader.header.incarnation == identity.incarnation
        else {
            obstacles.append("\(path) is of another cluster or incarnation")
            return nil
        }
        guard let log = wholeLog(after: slot, reaching: highest, &obstacles) else { return nil }
        do throws(StoreError) {
            let restored = try ZnodeStore.restore(in: directory.storePath, from: reader, keepsOld: true)
            return notice("\(path) and the log after it", log, restored.aside)
        } catch {
            guard error.kind == .damagedSnapshot else {
                throw EngineError(.directoryNotUsable, "the store could not be rebuilt from \(path): \(error)")
            }
            obstacles.append(error.description)
            return nil
        }
    }

    private func notice(_ source: String, _ log: RecoveredLog, _ aside: FilePath?) -> String {
        if policy == .cluster {
            return "the store was rebuilt from \(source)\(aside.map { "; the old file is kept as \($0)" } ?? "")"
        }
        let isDoubtful = log.report.cut?.mayHaveBeenAcknowledged == true || log.report.wasUnsafeNoSync
        let verdict = isDoubtful ? "the log's last writes cannot be proven" : "nothing is missing"
        let kept = aside.map { "; the old file is kept as \($0)" } ?? ""
        return "the store was rebuilt from \(source), and \(verdict)\(kept)"
    }

    /// The log, if it is this directory's and has every slot after one, whole, as far as slots are known to exist.
    private func wholeLog(
        after slot: Slot, reaching highest: Slot, _ obstacles: inout [String]
    ) -> RecoveredLog? {
        let found: RecoveredLog
        do throws(LogError) {
            found = try DurableLog.inspect(
                fileSystem: directory.fileSystem, directory: directory.logPath, policy: policy,
                firstSlotNeeded: slot.next)
        } catch {
            obstacles.append(error.description)
            return nil
        }
        guard found.identity.clusterID == identity.cluster, found.identity.incarnation == identity.incarnation else {
            obstacles.append("\(directory.logPath) is the log of another directory")
            return nil
        }
        // The other replicas have values that are missing after the snapshot; what this one promised nobody else has.
        if policy == .cluster, slot > .none, found.reachedSlot >= highest { return found }
        var next = slot.next
        for entry in found.accepted where entry.slot >= next {
            guard entry.slot == next, entry.state == .whole else { break }
            next = next.next
        }
        guard found.highestSlot < next else {
            obstacles.append("the log has no whole proposal for slot \(next.rawValue)")
            return nil
        }
        guard found.highestSlot >= highest else {
            obstacles.append(
                "the log ends at slot \(found.highestSlot.rawValue), and there were slots up to \(highest.rawValue)")
            return nil
        }
        return found
    }

    /// How far slots are known to exist without the log. Reads the pages of the old store.
    private var highestKnownSlot: Slot {
        let named = (try? snapshots.slots().first) ?? .none
        return max(named, ZnodeStore.checkpointSlot(in: directory.storePath) ?? .none)
    }
}
