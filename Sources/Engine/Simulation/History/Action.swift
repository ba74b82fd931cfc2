/// What an operation asks of one znode. An operation that is no multi has one action.
package struct Action: Hashable, Sendable {
    package enum Kind: UInt8, Sendable {
        case create, set, delete, check
        case get, exists, children

        /// It goes through the log and takes a zxid, whether it changes something or not.
        package var isWrite: Bool {
            switch self {
            case .create, .set, .delete, .check: true
            case .get, .exists, .children: false
            }
        }
    }

    package var kind: Kind
    /// Of a sequential create, the path before its suffix.
    package var path: PathID
    /// The version that the znode must have; -1 for any. Of set, delete and check.
    package var version: Int32
    /// The number that the data spells. Clients of a simulation write every number once.
    package var content: UInt64
    package var isEphemeral: Bool
    package var isSequential: Bool
    /// Of reads: sets a watch, a child watch if children are read and a data watch otherwise.
    package var setsWatch: Bool

    package init(
        _ kind: Kind, _ path: PathID, version: Int32 = -1, content: UInt64 = 0, isEphemeral: Bool = false,
        isSequential: Bool = false, setsWatch: Bool = false
    ) {
        self.kind = kind
        self.path = path
        self.version = version
        self.content = content
        self.isEphemeral = isEphemeral
        self.isSequential = isSequential
        self.setsWatch = setsWatch
    }
}
