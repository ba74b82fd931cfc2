/// How a znode lives and dies, and whether its name gets a number.
public enum NodeMode: Hashable, Sendable {
    /// It stays until it is deleted.
    case persistent
    /// It stays until it is deleted, and its name ends in a number of ten digits that grows with each child made.
    case persistentSequential
    /// It goes when its session ends. It has no children.
    case ephemeral
    /// It goes when its session ends, and its name ends in a number.
    case ephemeralSequential
    /// It is deleted some time after its last child was.
    case container
    /// It is deleted some time after nobody wrote it, or had children under it, for as long as given (milliseconds, at
    /// most 1 099 511 627 775).
    case timeToLive(milliseconds: Int64)
    /// The same, and its name ends in a number.
    case timeToLiveSequential(milliseconds: Int64)
}
