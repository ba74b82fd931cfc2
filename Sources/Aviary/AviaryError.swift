/// What every call of the library throws: a code to decide by, and a text that says what, where and what to do next.
public struct AviaryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of an error. Open: later versions may add codes, so a `switch` over it needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String, Hashable, Sendable {
            case noNode, nodeExists, notEmpty, badVersion, noChildrenForEphemerals, notAuthorized, invalidAccess
            case badArguments, sessionExpired, tooLarge, closed, stopped, diskFull, directoryInUse, newerVersion
            case directoryNotUsable, damaged, system, transactionAborted, overflow, notReady
        }

        private var value: Value

        private init(_ value: Value) { self.value = value }

        /// The code's name, as it stands in the source.
        public var description: String { value.rawValue }

        /// There is no znode at the path, or no parent.
        public static let noNode = Code(.noNode)
        /// A znode stands at the path already.
        public static let nodeExists = Code(.nodeExists)
        /// The znode has children.
        public static let notEmpty = Code(.notEmpty)
        /// The znode's version is not the one that was named.
        public static let badVersion = Code(.badVersion)
        /// An ephemeral znode cannot have children.
        public static let noChildrenForEphemerals = Code(.noChildrenForEphemerals)
        /// The access rules of the znode do not allow it.
        public static let notAuthorized = Code(.notAuthorized)
        /// The access rules that were given are not valid.
        public static let invalidAccess = Code(.invalidAccess)
        /// An argument is not valid; the text names it.
        public static let badArguments = Code(.badArguments)
        /// The session is over; its ephemerals are gone, and the operation was not done.
        public static let sessionExpired = Code(.sessionExpired)
        /// The value is larger than the limit that the text names.
        public static let tooLarge = Code(.tooLarge)
        /// The store was closed by this program.
        public static let closed = Code(.closed)
        /// The store stopped for good, for the reason in the text; whether the write took effect is not known.
        public static let stopped = Code(.stopped)
        /// The disk is full: the write was not done, and later ones will be when there is room.
        public static let diskFull = Code(.diskFull)
        /// Another process, or this one, has the directory open.
        public static let directoryInUse = Code(.directoryInUse)
        /// The directory was written by a newer version.
        public static let newerVersion = Code(.newerVersion)
        /// The directory cannot be read or written.
        public static let directoryNotUsable = Code(.directoryNotUsable)
        /// What is on disk is damaged; the text names file, place and tool.
        public static let damaged = Code(.damaged)
        /// Another operation of the same transaction failed, so this one was not done.
        public static let transactionAborted = Code(.transactionAborted)
        /// More events wait than are kept; what is watched must be read anew.
        public static let overflow = Code(.overflow)
        /// The cluster does not serve within the time that was given; the text says what is missing.
        public static let notReady = Code(.notReady)
        /// Something that should not happen; the text says more.
        public static let system = Code(.system)
    }

    /// What to decide by.
    public var code: Code

    /// What happened, where, and what to do next.
    public var message: String

    /// An error of a code, with its text.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and text.
    public var description: String { "\(code): \(message)" }
}
