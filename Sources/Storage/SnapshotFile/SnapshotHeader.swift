internal import Checksums
package import CoreTypes

/// Of what a snapshot is: the first 128 bytes of the file.
package struct SnapshotHeader: Equatable, Sendable {
    package var cluster: ClusterID
    /// The life of the replica's directory it was taken from.
    package var incarnation: Incarnation
    /// The last slot whose commands are in it.
    package var slot: Slot
    /// The last zxid that was given out up to that slot.
    package var zxid: Zxid
    /// When it was taken, by the clock of the machine.
    package var time: WallClockTime
    /// The version of the rules by which the commands were executed.
    package var stateMachineVersion: UInt32

    package init(
        cluster: ClusterID, incarnation: Incarnation, slot: Slot, zxid: Zxid, time: WallClockTime,
        stateMachineVersion: UInt32
    ) {
        self.cluster = cluster
        self.incarnation = incarnation
        self.slot = slot
        self.zxid = zxid
        self.time = time
        self.stateMachineVersion = stateMachineVersion
    }
}

extension SnapshotHeader {
    /// Appends the header. Returns its checksum, which every later part of the file continues: parts of two snapshots do
    /// not go together.
    func append(to builder: ByteBuilder) -> UInt32 {
        let start = builder.count
        builder.append(littleEndian: SnapshotFormat.magic)
        builder.append(littleEndian: SnapshotFormat.version)
        builder.append(littleEndian: UInt32(SnapshotFormat.headerByteCount))
        for identifier in [cluster.value, incarnation.value] {
            builder.append(littleEndian: identifier.high)
            builder.append(littleEndian: identifier.low)
        }
        builder.append(littleEndian: slot.rawValue)
        builder.append(littleEndian: zxid.rawValue)
        builder.append(littleEndian: time.rawValue)
        builder.append(littleEndian: stateMachineVersion)
        builder.append(zeros: start + SnapshotFormat.headerByteCount - 4 - builder.count)
        let checksum = crc32c(builder.bytes.extracting(start..<builder.count))
        builder.append(littleEndian: checksum)
        return checksum
    }

    private enum Offset {
        static let version = 8
        static let byteCount = version + 4
        static let cluster = byteCount + 4
        static let incarnation = cluster + 16
        static let slot = incarnation + 16
        static let zxid = slot + 8
        static let time = zxid + 8
        static let stateMachineVersion = time + 8
        static let checksum = SnapshotFormat.headerByteCount - 4
    }

    /// Reads what `append` writes; returns the checksum beside it.
    static func read(_ bytes: RawSpan) throws(SnapshotFault) -> (SnapshotHeader, checksum: UInt32) {
        guard bytes.byteCount >= SnapshotFormat.headerByteCount else {
            throw SnapshotFault(.truncated, UInt64(bytes.byteCount), "header")
        }
        guard bytes.integer(at: 0) == SnapshotFormat.magic else { throw SnapshotFault(.notASnapshot, 0, "magic") }
        // The version stands before the checksum: that of a newer one may lie elsewhere.
        let version: UInt32 = bytes.integer(at: Offset.version)
        guard version <= SnapshotFormat.version else {
            throw SnapshotFault(.newerVersion(version), UInt64(Offset.version), "version")
        }
        let checksum = crc32c(bytes.extracting(0..<Offset.checksum))
        guard version > 0, checksum == bytes.integer(at: Offset.checksum),
            bytes.integer(at: Offset.byteCount) == UInt32(SnapshotFormat.headerByteCount)
        else { throw SnapshotFault(.damaged, 0, "header checksum") }
        func identifier(_ offset: Int) -> Identifier128 {
            Identifier128(high: bytes.integer(at: offset), low: bytes.integer(at: offset + 8))
        }
        let header = SnapshotHeader(
            cluster: ClusterID(identifier(Offset.cluster)), incarnation: Incarnation(identifier(Offset.incarnation)),
            slot: Slot(rawValue: bytes.integer(at: Offset.slot)), zxid: Zxid(rawValue: bytes.integer(at: Offset.zxid)),
            time: WallClockTime(rawValue: bytes.integer(at: Offset.time)),
            stateMachineVersion: bytes.integer(at: Offset.stateMachineVersion))
        return (header, checksum)
    }
}
