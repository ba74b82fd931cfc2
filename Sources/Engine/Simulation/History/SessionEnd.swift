package import CoreTypes

/// The end of a session, as the state machine executed it.
package struct SessionEnd: Hashable, Sendable {
    package var session: SessionID
    /// Of the command that closed or expired it.
    package var zxid: Zxid
    /// It was not asked for by its client.
    package var isExpiry: Bool
    /// The first step at which it may have been executed: when a client asked for it, or a replica proposed it.
    package var invoked: Step

    package init(session: SessionID, zxid: Zxid, isExpiry: Bool, invoked: Step) {
        self.session = session
        self.zxid = zxid
        self.isExpiry = isExpiry
        self.invoked = invoked
    }
}
