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
/// held. That they do is checked before anything is changed: the snapshot to its last byte, the log to its end, without a
/// gap between the two and within.
///
/// Crash safety: the damaged file is renamed first, then the new one is made beside it and renamed into place. A crash in
/// between leaves no store, or none that the log goes on from; the next start does the same once more.
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
        _ path: String, logDirectory: String?, policy: RecoveryPolicy = .alone
    ) throws(EngineError) -> String {
        let directory = try DataDirectory.existing(path, logDirectory: logDirectory)
        defer { directory.release() }
        guard let identity = try directory.readIdentity() else {
            throw EngineError(.damaged, "\(path): the file \"identity\" is missing: put it back from a backup")
        }
        return try StoreRebuild(directory, identity, policy: policy)
            .run(EngineError(.damagedStore, "a rebuild was asked for"))
    }

    /// What a rebuild can start from.
    private enum Source {
        case snapshot(Slot, SnapshotReader)
        /// The log has everything from slot 1 on.
        case log
    }

    /// Does it.
    ///
    /// - Parameter cause: why; it is thrown, with what is in the way, where there is no way.
    /// - Returns: what was done, for the operator.
    package func run(_ cause: EngineError) throws(EngineError) -> String {
        var obstacles: [String] = []
        guard let source = source(&obstacles) else {
            throw EngineError(
                .damagedStore,
                "\(cause); the store cannot be rebuilt from this directory: \(obstacles.joined(separator: "; ")); "
                    + "put back a copy of the directory, or a snapshot into \(directory.snapshotPath)")
        }
        let aside: FilePath?
        do throws(StoreError) {
            aside = try ZnodeStore.setAside(in: directory.storePath)
            guard case .snapshot(_, let reader) = source else {
                return notice(cause, "the log, which has every slot and is replayed from the first one", aside)
            }
            try ZnodeStore.restore(in: directory.storePath, from: reader)
        } catch {
            throw EngineError(.directoryNotUsable, "\(cause); the store could not be rebuilt: \(error)")
        }
        return notice(cause, "\(snapshots.path(of: slot(source))) and the log after it", aside)
    }

    private func notice(_ cause: EngineError, _ source: String, _ aside: FilePath?) -> String {
        let kept = aside.map { "; the damaged file is kept as \($0)" } ?? ""
        return "\(cause); the store was rebuilt from \(source), and nothing is missing\(kept)"
    }

    private func slot(_ source: Source) -> Slot {
        switch source {
        case .snapshot(let slot, _): slot
        case .log: .none
        }
    }

    /// The newest snapshot that is whole and that the log goes on from.
    private func source(_ obstacles: inout [String]) -> Source? {
        var slots: [Slot] = []
        do throws(SnapshotError) { slots = try snapshots.slots() } catch { obstacles.append(error.description) }
        for slot in slots {
            do throws(SnapshotError) {
                try snapshots.verify(slot)
                let reader = try SnapshotReader(snapshots.path(of: slot), fileSystem: directory.fileSystem)
                guard reader.header.cluster == identity.cluster else {
                    obstacles.append("\(snapshots.path(of: slot)) is of another cluster")
                    continue
                }
                if isLogWhole(after: slot, &obstacles) { return .snapshot(slot, reader) }
            } catch {
                obstacles.append(error.description)
            }
        }
        if slots.isEmpty { obstacles.append("there is no snapshot in \(directory.snapshotPath)") }
        return isLogWhole(after: .none, &obstacles) ? .log : nil
    }

    /// Whether the log has every slot after one, whole, to its end.
    private func isLogWhole(after slot: Slot, _ obstacles: inout [String]) -> Bool {
        let found: RecoveredLog
        do throws(LogError) {
            found = try DurableLog.inspect(
                fileSystem: directory.fileSystem, directory: directory.logPath, policy: policy,
                firstSlotNeeded: slot.next)
        } catch {
            obstacles.append(error.description)
            return false
        }
        var next = slot.next
        for entry in found.accepted where entry.slot >= next {
            guard entry.slot == next, entry.state == .whole else { break }
            next = next.next
        }
        if found.highestSlot < next { return true }
        obstacles.append("the log has no whole proposal for slot \(next.rawValue)")
        return false
    }
}
