/// What a group is besides a carrier of records.
struct GroupFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    /// The first group of a segment: it restates the log's state.
    static let first = GroupFlags(rawValue: 1)
    /// A mark: written after a moment of idleness, so that the group before it is followed by one.
    static let mark = GroupFlags(rawValue: 2)
    /// The log was closed in order after this one.
    static let cleanStop = GroupFlags(rawValue: 4)
    /// Written without waiting for the disk: nothing that a reader finds was ever known durable.
    static let unsafeNoSync = GroupFlags(rawValue: 8)

    static let known: GroupFlags = [.first, .mark, .cleanStop, .unsafeNoSync]
}
