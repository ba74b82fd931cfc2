package import CoreTypes
package import ZooKeeperWire

/// What became of a command.
package enum CommandOutcome: UInt8, Sendable {
    /// It was executed; its error, if any, is its result, and it took a zxid.
    case executed
    /// It was executed before: skipped, with no zxid.
    case repeated
    /// An earlier command of its attachment is missing: refused, with no zxid.
    case gap
    /// Its attachment does not hold the session any more: refused, with no zxid.
    case moved
    /// There is no such session: refused, with no zxid.
    case unknownSession
    /// Its bytes are not those of a command: refused, with no zxid.
    case malformed
}

/// The result of one command of a client. Trivial; the reply's body lies in the `ApplyOutput`.
package struct CommandResult: Sendable {
    /// The command's place in its proposal, from 0.
    package var commandIndex: Int32
    package var kind: Int32
    package var session: SessionID
    package var attachment: AttachmentID
    package var sequence: UInt64
    /// The command's zxid; the last one given out before it if it took none.
    package var zxid: Zxid
    package var outcome: CommandOutcome
    /// For the reply header. A multi that failed has `ok` here, as in ZooKeeper, and its errors in the body.
    package var error: ErrorCode
    /// Where the body lies in the output's bytes.
    package var bodyOffset: Int
    package var bodyByteCount: Int

    package init(
        _ header: CommandHeader, commandIndex: Int32, zxid: Zxid, outcome: CommandOutcome = .executed,
        error: ErrorCode = .ok, bodyOffset: Int = 0, bodyByteCount: Int = 0
    ) {
        self.commandIndex = commandIndex
        kind = header.kind
        session = header.session
        attachment = header.attachment
        sequence = header.sequence
        self.zxid = zxid
        self.outcome = outcome
        self.error = error
        self.bodyOffset = bodyOffset
        self.bodyByteCount = bodyByteCount
    }
}
