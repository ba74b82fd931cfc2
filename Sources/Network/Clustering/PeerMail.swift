import Consensus
import CoreTypes

/// What came in from peers and waits for the replica's thread, in order.
struct PeerMail: Sendable {
    enum Item: Sendable {
        /// A connection stands, by its number: 1 or more, higher than that of any earlier one with the peer.
        case connected(ReplicaIdentity, connection: UInt64)
        case disconnected(ReplicaID)
        /// A message, by its place in `bytes`.
        case received(ReplicaIdentity, Range<Int>)
    }

    private(set) var items: [Item] = []
    private(set) var bytes: [UInt8] = []
    /// A message was left out for want of room.
    var isOverfull = false

    mutating func append(_ item: Item) { items.append(item) }

    mutating func append(_ body: RawSpan, from peer: ReplicaIdentity) {
        let start = bytes.count
        body.withUnsafeBytes { bytes.append(contentsOf: $0) }
        items.append(.received(peer, start..<bytes.count))
    }

    /// Forgets everything, and keeps the memory that is of use again.
    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: bytes.capacity <= Limits.keptMailByteCountMax)
        isOverfull = false
    }
}
