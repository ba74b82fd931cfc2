package import Consensus
package import CoreTypes

/// What one replica says to another: a message of consensus, or one of the engines to each other.
///
/// Bytes that belong to a message but mean nothing to consensus are its payload; see `PeerWire`.
package enum PeerMessage: Hashable, Sendable {
    /// Payload: the value's bytes for `accept`, `learn` and `held`, none for a no-op; otherwise none.
    case consensus(Message)
    /// Commands for the leader, from the replica that holds the clients' connections. Payload: the commands, back to back,
    /// as in a proposal.
    case forward(commandCount: UInt32)
    /// Sessions that were heard of. Payload: their numbers, 8 bytes each.
    case touches(count: UInt32)
    /// The digest of the sender's tree and sessions after it applied `slot`.
    case digest(slot: Slot, digest: UInt64)
    /// Send me a snapshot that reaches beyond `after`, from `offset` on: this one, or any where the name is `none`.
    case fetchSnapshot(after: Slot, SnapshotName, offset: UInt64)
    /// A piece of the snapshot that was asked for, from `offset` on. Payload: its bytes, at most
    /// `Limits.snapshotPieceByteCountMax`. Without a name: the sender has none that serves.
    case snapshotPiece(SnapshotName, offset: UInt64)
    /// What a replica tells of itself while the cluster forms. Payload: at most `Limits.formationByteCountMax` bytes of
    /// the layer above.
    case formation
    /// The sender's directory took the place of one that was lost: it asks the leader to be readmitted under the
    /// incarnation that the transport has proven. No payload.
    case admission
}
