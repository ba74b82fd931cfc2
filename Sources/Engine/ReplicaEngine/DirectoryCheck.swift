internal import Consensus
internal import CoreTypes
internal import DurableLog
internal import PosixIO
internal import SnapshotFile
internal import SystemPackage
internal import ZnodeStore

/// Reads everything in a data directory that no process has open, and says what is damaged. Changes nothing but the
/// lock.
package struct DirectoryCheck {
    /// What one part of the directory came to.
    package struct Finding: Sendable {
        /// `identity`, `log`, `store`, or the name of a snapshot.
        package var part: String
        package var isWhole: Bool
        /// What it holds, or what is wrong with it, where, and what to do.
        package var text: String
    }

    private let directory: DataDirectory
    /// Whether others have what is missing here.
    private let policy: RecoveryPolicy

    /// Locks the directory.
    ///
    /// - Throws: `.directoryInUse` while a process serves it; `.directoryNotUsable` if it is none.
    package init(_ path: String, logDirectory: String?) throws(EngineError) {
        directory = try DataDirectory.existing(path, logDirectory: logDirectory)
        policy = (try? directory.readState())??.policy ?? .alone
    }

    /// Does it, from the smallest part to the largest.
    ///
    /// - Parameter onPart: called before each part, which may take as long as the disk needs to read it.
    package func run(onPart: (String) -> Void) -> [Finding] {
        defer { directory.release() }
        var findings: [Finding] = []
        func check(_ part: String, _ body: () -> (Bool, String)) {
            onPart(part)
            let (isWhole, text) = body()
            findings.append(Finding(part: part, isWhole: isWhole, text: text))
        }
        check("identity", identity)
        // What waits for its cluster to be founded holds nothing else.
        if case .unfounded = try? directory.readState() { return findings }
        check("log", log)
        check("store", store)
        let snapshots = SnapshotDirectory(directory.snapshotPath, fileSystem: directory.fileSystem)
        do throws(SnapshotError) {
            for slot in try snapshots.slots() {
                check(snapshots.path(of: slot).lastComponent?.string ?? "snapshot") { snapshot(snapshots, slot) }
            }
        } catch {
            findings.append(Finding(part: "snapshots", isWhole: false, text: error.description))
        }
        check("fit", fit)
        return findings
    }

    /// Whether the parts belong together.
    private func fit() -> (Bool, String) {
        guard let identity = try? directory.readIdentity() else {
            return (false, "there is no identity to compare with")
        }
        let slot = ZnodeStore.checkpointSlot(in: directory.storePath) ?? .none
        do throws(LogError) {
            let log = try DurableLog.inspect(
                fileSystem: directory.fileSystem, directory: directory.logPath, policy: policy,
                firstSlotNeeded: slot.next)
            guard log.identity.clusterID == identity.cluster, log.identity.incarnation == identity.incarnation else {
                return (false, "\(directory.logPath) is the log of another directory: name the right one")
            }
            guard log.reachedSlot >= slot else {
                return (
                    false,
                    "the store stands at slot \(slot.rawValue), the log ends at \(log.reachedSlot.rawValue): its newest "
                        + "segments are missing; put them back"
                )
            }
            return (true, "the log goes on from the store's slot \(slot.rawValue)")
        } catch {
            return (false, error.description)
        }
    }

    private func identity() -> (Bool, String) {
        do throws(EngineError) {
            switch try directory.readState() {
            case nil: return (false, "\(directory.path): no identity")
            case .unfounded(let identity):
                return (true, "replica \(identity.replica.rawValue), of no cluster yet")
            case .founded(let identity):
                let members = identity.foundingMembers?.members.map { "\($0.identity.replica.rawValue)" } ?? []
                let others = members.isEmpty ? ", alone" : ", founded by \(members.joined(separator: ", "))"
                return (true, "replica \(identity.replica.rawValue) of cluster \(identity.cluster.value)\(others)")
            }
        } catch {
            return (false, error.description)
        }
    }

    private func log() -> (Bool, String) {
        do throws(LogError) {
            let found = try DurableLog.inspect(
                fileSystem: directory.fileSystem, directory: directory.logPath, policy: policy, firstSlotNeeded: .none)
            let isWhole = found.report.damages.isEmpty && found.report.cut?.mayHaveBeenAcknowledged != true
            let base = found.base.map { ", from the snapshot of slot \($0.slot.rawValue) on" } ?? ""
            return (isWhole, "slots up to \(found.highestSlot.rawValue)\(base); \(found.report.summary)")
        } catch {
            return (false, error.description)
        }
    }

    private func store() -> (Bool, String) {
        do throws(StoreError) {
            try ZnodeStore.checkPages(in: directory.storePath)
            var options = ZnodeStoreOptions()
            options.isReadOnly = true
            let report = try ZnodeStore.open(directory.storePath, options: options).verify()
            guard report.isWhole else {
                return (false, report.findings.map(\.description).joined(separator: "\n"))
            }
            return (true, "checkpoint at slot \(report.slot.rawValue), \(report.rowCount) znodes")
        } catch {
            return (false, error.description)
        }
    }

    private func snapshot(_ snapshots: SnapshotDirectory, _ slot: Slot) -> (Bool, String) {
        do throws(SnapshotError) {
            try snapshots.verify(slot)
            return (true, "slot \(slot.rawValue)")
        } catch {
            return (false, error.description)
        }
    }
}

extension DataDirectory {
    /// Locks a directory that is there.
    static func existing(_ path: String, logDirectory: String?) throws(EngineError) -> DataDirectory {
        let fileSystem = RealFileSystem()
        let isThere = (try? fileSystem.exists(FilePath(path).appending("identity"))) ?? false
        guard isThere else {
            throw EngineError(.directoryNotUsable, "\(path): no data directory of aviaryd: it has no file \"identity\"")
        }
        return try DataDirectory(
            FilePath(path), logDirectory: logDirectory.map { FilePath($0) }, fileSystem: fileSystem)
    }
}
