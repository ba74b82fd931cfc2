/// What two replicas compare at equal slots: wrapping sums of row checksums.
///
/// A sum does not depend on the order of changes, so it is kept by subtracting the old row and adding the new one; it
/// can be recomputed from the rows alone. It shows differences that happen, not those that somebody makes on purpose.
package struct TreeDigest: Hashable, Sendable {
    /// Over the rows of all znodes.
    package var znodes: UInt64 = 0

    /// Over the rows of all sessions, and that of the membership.
    package var sessions: UInt64 = 0

    package init() {}

    package init(znodes: UInt64, sessions: UInt64) {
        self.znodes = znodes
        self.sessions = sessions
    }
}
