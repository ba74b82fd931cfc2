import CoreTypes
import PosixIO
import ReplicaEngine
import SnapshotFile
import SystemPackage
import ZnodeTree
import ZooKeeperWire

/// Snapshots of the model of a store, as files of the real format.
enum ModelSnapshot {
    private static let nodes = SnapshotSection(rawValue: 1)
    private static let chunks = SnapshotSection(rawValue: 2)
    private static let system = SnapshotSection(rawValue: 3)

    /// Writes a snapshot; whole and durable on return.
    static func write(
        _ base: ModelZnodeBase, to path: FilePath?, in snapshots: SnapshotDirectory, identity: DirectoryIdentity,
        time: WallClockTime, fileSystem: any FileSystem
    ) throws -> SnapshotReport {
        let meta = try MetaRow.read(from: base.makeReader()) ?? MetaRow()
        let header = SnapshotHeader(
            cluster: identity.cluster, incarnation: identity.incarnation, slot: meta.appliedSlot, zxid: meta.lastZxid,
            time: time, stateMachineVersion: UInt32(ProposalHeader.stateMachineVersion))
        let path = path ?? snapshots.path(of: meta.appliedSlot)
        let writer = try SnapshotWriter(path, header: header, fileSystem: fileSystem)
        for row in base.rows { unsafe try writer.append(nodes, key: row.key.span.bytes, value: row.value.span.bytes) }
        for (node, bytes) in base.largeData {
            let key = bigEndian(node.rawValue)
            unsafe try writer.append(chunks, key: key.span.bytes, value: bytes.span.bytes)
        }
        for row in base.systemRows {
            unsafe try writer.append(system, key: row.key.span.bytes, value: row.value.span.bytes)
        }
        let footer = try writer.finish(digest: meta.digest.znodes &+ meta.digest.sessions)
        return SnapshotReport(
            path: path.string, slot: meta.appliedSlot, zxid: meta.lastZxid, byteCount: footer.storedByteCount,
            milliseconds: 0)
    }

    /// Reads a snapshot whole.
    static func read(_ reader: SnapshotReader) throws -> ModelZnodeBase {
        var rows: [ModelZnodeBase.Row] = []
        var systemRows: [ModelZnodeBase.Row] = []
        var largeData: [(node: NodeID, bytes: [UInt8])] = []
        while try reader.moveToNext() {
            let row = ModelZnodeBase.Row(key: [UInt8](copying: reader.key), value: [UInt8](copying: reader.value))
            if reader.section == nodes { rows.append(row) }
            if reader.section == system { systemRows.append(row) }
            if reader.section == chunks {
                let number = row.key.reduce(0) { $0 << 8 | UInt64($1) }
                largeData.append((NodeID(rawValue: number), row.value))
            }
        }
        return ModelZnodeBase(rows: rows, systemRows: systemRows, largeData: largeData)
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}
