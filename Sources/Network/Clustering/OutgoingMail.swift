import CoreTypes

/// What leaves for peers at the end of a turn.
package struct OutgoingMail: Sendable {
    struct Item: Sendable {
        var replica: ReplicaID
        /// The connection that it is meant for: it must not leave on a later one, whose other side may be another
        /// incarnation.
        var connection: UInt64
        /// Its place in `bytes`.
        var place: Range<Int>
    }

    private(set) var items: [Item] = []
    private(set) var bytes: [UInt8] = []

    package init() {}

    package var isEmpty: Bool { items.isEmpty }

    mutating func append(_ body: RawSpan, to replica: ReplicaID, connection: UInt64) {
        let start = bytes.count
        body.withUnsafeBytes { bytes.append(contentsOf: $0) }
        items.append(Item(replica: replica, connection: connection, place: start..<bytes.count))
    }

    mutating func append(_ other: OutgoingMail) {
        let start = bytes.count
        bytes += other.bytes
        for var item in other.items {
            item.place = (item.place.lowerBound + start)..<(item.place.upperBound + start)
            items.append(item)
        }
    }

    /// Forgets everything, and keeps the memory that is of use again.
    mutating func removeAll() {
        items.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: bytes.capacity <= Limits.keptMailByteCountMax)
    }
}
