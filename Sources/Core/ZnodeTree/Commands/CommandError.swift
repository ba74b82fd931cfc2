/// Why the bytes of a proposal or command are not those of one.
package struct CommandError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        case proposalTooShort
        case unknownVersion(UInt16)
        case commandTooShort
        case commandTooLong(UInt32)
        case bytesAfterCommands
        case identities
        case body
    }

    package var reason: Reason
    /// Bytes from the start of the proposal.
    package var offset: Int

    package init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        let what =
            switch reason {
            case .proposalTooShort: "the proposal ends before its header does"
            case .unknownVersion(let version):
                "state machine version \(version) is not known here: a newer version of this program wrote it"
            case .commandTooShort: "a command ends before its header does"
            case .commandTooLong(let count): "a command of \(count) bytes reaches beyond the proposal"
            case .bytesAfterCommands: "bytes follow the last command"
            case .identities: "the identities of a command are malformed"
            case .body: "the body of a command is malformed"
            }
        return "\(what) (offset \(offset))"
    }
}
