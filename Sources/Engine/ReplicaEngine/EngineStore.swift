package import CoreTypes
package import SnapshotFile
package import SystemPackage
package import ZnodeTree

/// What the engine asks of its store: the base of the tree, checkpoints into it, and snapshots of it.
///
/// Implemented on LMDB; in tests and simulation a model with the same contract stands for it. Checkpoints and snapshots
/// block and run on the maintenance thread; the rest is for the driver.
package protocol EngineStore: ZnodeBase {
    /// Moves a frozen delta into the base: wholly and durably on return, or not at all.
    func writeCheckpoint(_ delta: Delta) throws(MaintenanceFailure)

    /// Writes a snapshot of the last checkpoint, durable and read back on return.
    ///
    /// - Parameters:
    ///   - path: of the file; nil for one in `snapshots`, under the name of its slot.
    ///   - identity: what the snapshot says whose it is.
    func writeSnapshot(
        to path: FilePath?, in snapshots: SnapshotDirectory, identity: DirectoryIdentity, time: WallClockTime
    ) throws(MaintenanceFailure) -> SnapshotReport

    /// Makes a store of a snapshot beside this one; durable on return. Blocks.
    func prepare(from reader: SnapshotReader) throws(MaintenanceFailure) -> PreparedStore

    /// Puts the prepared store in the place of this one; durable on return. Nobody reads or writes meanwhile, and readers
    /// made before are of no use any more.
    ///
    /// - Throws: and then the store is closed.
    func switchToPrepared() throws(MaintenanceFailure)

    /// Reads all of the last checkpoint and checks it, beside everything else.
    ///
    /// - Parameter afterBytes: called now and then with the bytes read since; may wait. False gives up.
    /// - Returns: what is damaged, with file, place and remedy.
    func scrub(afterBytes: @escaping @Sendable (Int) -> Bool) -> [String]

    /// Much was read that will hardly be read again soon: memory that was taken for it may go.
    func forgetReads()

    /// The same if little was read since the last call; called about once a second.
    func forgetReadsIfIdle()

    /// Bytes on disk.
    var byteCount: Int { get }

    /// Further figures for `mntr` and metrics.
    var figures: [(key: String, value: String)] { get }

    /// Nothing may be called afterwards.
    func close()
}
