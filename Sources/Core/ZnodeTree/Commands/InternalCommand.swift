/// The commands that no client sends as such: numbers clear of ZooKeeper's op codes.
package enum InternalCommand: Int32, Sendable {
    /// Opens the session of the header; body `OpenSessionBody`.
    case openSession = -1_001
    /// Gives the session of the header to the attachment of the header; body `AttachSessionBody`.
    case attachSession = -1_002
    /// Ends the session of the header if the attachment of the header still holds it: it was not heard of in time.
    case expireSession = -1_003
    /// Deletes a container or a znode whose time to live is over, if that is still so; body `ReapBody`.
    case reap = -1_004
    /// Does nothing and takes no zxid.
    case noOp = -1_005
    /// Schedules another membership, if the one that it was made for still stands; body `ChangeMembershipBody`. Takes no
    /// zxid.
    case changeMembership = -1_006
}
