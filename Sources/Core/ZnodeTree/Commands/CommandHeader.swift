package import CoreTypes

/// What is said of a command besides what it does.
package struct CommandHeader: Equatable, Sendable {
    /// Bytes of a command without its identities and its body.
    package static let encodedByteCount = 34

    /// ZooKeeper's op code, or that of an `InternalCommand`.
    package var kind: Int32
    package var session: SessionID
    /// The attachment that submitted it; for an expiry the one that was seen.
    package var attachment: AttachmentID
    /// 1 for the first command of an attachment, then one more each; 0 for internal commands.
    package var sequence: UInt64

    package init(kind: Int32, session: SessionID, attachment: AttachmentID, sequence: UInt64) {
        self.kind = kind
        self.session = session
        self.attachment = attachment
        self.sequence = sequence
    }

    package init(_ kind: InternalCommand, session: SessionID = .none, attachment: AttachmentID = .none) {
        self.init(kind: kind.rawValue, session: session, attachment: attachment, sequence: 0)
    }
}
