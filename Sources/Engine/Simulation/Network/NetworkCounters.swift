/// What a simulated network did to frames and links.
package struct NetworkCounters: Hashable, Sendable {
    package var sent = 0
    package var delivered = 0
    /// Drawn.
    package var lost = 0
    package var duplicated = 0
    package var reordered = 0
    /// Sent, or about to arrive, where a partition is.
    package var blocked = 0
    /// Sent where there is no connection.
    package var unconnected = 0
    /// Under way when their connection ended.
    package var cutOff = 0
    /// Sent on a link that had too many under way.
    package var overflowed = 0
    /// Held up on a clogged link.
    package var held = 0
    package var clogs = 0
    package var partitions = 0
    package var disconnects = 0

    package init() {}

    private static var rows: [(WritableKeyPath<NetworkCounters, Int>, String)] {
        [
            (\.sent, "sent"), (\.delivered, "delivered"), (\.lost, "lost"), (\.duplicated, "duplicated"),
            (\.reordered, "reordered"), (\.blocked, "blocked"), (\.unconnected, "unconnected"),
            (\.cutOff, "cut off"), (\.overflowed, "overflowed"), (\.held, "held"), (\.clogs, "clogs"),
            (\.partitions, "partitions"), (\.disconnects, "disconnects"),
        ]
    }

    /// Sums of several networks.
    package mutating func add(_ other: NetworkCounters) {
        for (path, _) in Self.rows { self[keyPath: path] += other[keyPath: path] }
    }
}

extension NetworkCounters: CustomStringConvertible {
    package var description: String { Self.rows.map { "\($1) \(self[keyPath: $0])" }.joined(separator: ", ") }
}
