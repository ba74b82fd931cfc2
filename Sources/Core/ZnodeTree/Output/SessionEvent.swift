package import CoreTypes
package import ZooKeeperWire

/// Something that happened to a session, told to the attachment that it concerns.
package struct SessionEvent: Equatable, Sendable {
    package enum Kind: UInt8, Sendable {
        /// The attachment asked for a new session and holds it.
        case opened
        /// The attachment asked for a session that exists and holds it now.
        case attached
        /// The attachment asked for a session that does not exist, or with the wrong password, or there are too many.
        case refused
        /// The session ended as its client asked.
        case closed
        /// The session ended because it was not heard of.
        case expired
        /// Another attachment holds the session now: the connection of this one is to be closed.
        case moved
    }

    /// The place in its proposal, from 0, of the command that caused it.
    package var commandIndex: Int32
    package var kind: Kind
    package var session: SessionID
    package var attachment: AttachmentID
    package var timeoutMilliseconds: UInt32
    package var password: SessionPassword
    package var isHidden: Bool
    package var zxid: Zxid
    /// Of a refusal, the sequence of the command: it tells which of an attachment's attempts it was.
    package var sequence: UInt64

    package init(
        commandIndex: Int32, kind: Kind, session: SessionID, attachment: AttachmentID, timeoutMilliseconds: UInt32 = 0,
        password: SessionPassword = .zero, isHidden: Bool = false, zxid: Zxid, sequence: UInt64 = 0
    ) {
        self.commandIndex = commandIndex
        self.kind = kind
        self.session = session
        self.attachment = attachment
        self.timeoutMilliseconds = timeoutMilliseconds
        self.password = password
        self.isHidden = isHidden
        self.zxid = zxid
        self.sequence = sequence
    }
}
