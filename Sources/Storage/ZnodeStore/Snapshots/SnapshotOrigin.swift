package import CoreTypes

/// What the header of a snapshot says beside what the store knows itself.
package struct SnapshotOrigin: Sendable {
    package var cluster: ClusterID
    package var incarnation: Incarnation
    package var time: WallClockTime
    package var stateMachineVersion: UInt32

    package init(cluster: ClusterID, incarnation: Incarnation, time: WallClockTime, stateMachineVersion: UInt32) {
        self.cluster = cluster
        self.incarnation = incarnation
        self.time = time
        self.stateMachineVersion = stateMachineVersion
    }
}

/// A snapshot that is whole and durable.
package struct WrittenSnapshot: Equatable, Sendable {
    package var slot: Slot
    package var zxid: Zxid
    package var rowCount: UInt64
    /// Bytes of the file.
    package var byteCount: UInt64
    /// Bytes of the rows before compression.
    package var rowByteCount: UInt64
    package var nanoseconds: UInt64
}
