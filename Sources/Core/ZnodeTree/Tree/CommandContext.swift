internal import CoreTypes

/// What a command is executed with.
struct CommandContext: ~Escapable {
    let zxid: Zxid
    let session: SessionID
    let commandIndex: Int32
    /// Encoded as `Identities` says.
    let identities: RawSpan

    @_lifetime(copy identities)
    init(zxid: Zxid, session: SessionID, commandIndex: Int32, identities: RawSpan) {
        self.zxid = zxid
        self.session = session
        self.commandIndex = commandIndex
        self.identities = identities
    }
}
