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
}
