internal import CoreTypes
internal import PeerWire
internal import PosixIO
internal import SnapshotFile
internal import Synchronization
internal import SystemPackage
internal import ZnodeTree

/// The file that a peer's snapshot is written to. Lives on the thread for transfers.
///
/// It has a temporary name until its last byte is there, verified and durable; a crash before leaves at most that, which
/// the next start removes.
final class IncomingSnapshot: Sendable {
    private let snapshots: SnapshotDirectory
    private let fileSystem: any FileSystem
    private let identity: DirectoryIdentity
    private let file = Mutex<(any File)?>(nil)

    init(_ snapshots: SnapshotDirectory, _ fileSystem: any FileSystem, _ identity: DirectoryIdentity) {
        self.snapshots = snapshots
        self.fileSystem = fileSystem
        self.identity = identity
    }

    /// Writes a piece; the first one begins the file.
    func write(_ bytes: [UInt8], of name: SnapshotName, at offset: UInt64) throws(MaintenanceFailure) {
        do throws(FileError) {
            if offset == 0 { try begin(name) }
            // Nil after a failure of an earlier piece: the transfer begins anew then.
            guard let file = file.withLock({ $0 }) else { return }
            try unsafe file.write(bytes.span.bytes, at: offset)
        } catch {
            file.withLock { $0 = nil }
            throw MaintenanceFailure("the snapshot from a peer: \(error)", isOutOfSpace: error.isOutOfSpace)
        }
    }

    private func begin(_ name: SnapshotName) throws(FileError) {
        let path = snapshots.temporaryPath(of: name.slot)
        if try fileSystem.exists(path) { try fileSystem.remove(path) }
        let made = try fileSystem.open(path, [.create, .write])
        file.withLock { $0 = made }
    }

    /// The last byte is there: it becomes one of this directory's snapshots, if every byte is right. Durable on return.
    func finish(_ name: SnapshotName) throws(MaintenanceFailure) -> SnapshotReader {
        let (temporary, path) = (snapshots.temporaryPath(of: name.slot), snapshots.path(of: name.slot))
        do {
            guard let written = file.withLock({ $0 }) else {
                throw MaintenanceFailure("the snapshot from a peer could not be written whole")
            }
            file.withLock { $0 = nil }
            try written.syncAll()
            let reader = try SnapshotReader(temporary, fileSystem: fileSystem)
            guard reader.header.cluster == identity.cluster, reader.header.slot == name.slot else {
                throw MaintenanceFailure("the snapshot from a peer is of another cluster or slot")
            }
            guard reader.header.stateMachineVersion <= UInt32(ProposalHeader.stateMachineVersion) else {
                throw MaintenanceFailure("the snapshot from a peer is of a newer version: upgrade this replica")
            }
            try reader.verify()
            try fileSystem.rename(temporary, to: path)
            try fileSystem.syncDirectory(snapshots.path)
            return try SnapshotReader(path, fileSystem: fileSystem)
        } catch let failure as MaintenanceFailure {
            throw failure
        } catch {
            throw MaintenanceFailure("the snapshot from a peer: \(error)")
        }
    }
}
