/// Why an engine could not be opened, or does not take a command. The text says what, where and what to do next.
package struct EngineError: Error, CustomStringConvertible, Sendable, Equatable {
    /// What kind of trouble it is; decides the exit code of a server.
    package enum Kind: Sendable, Equatable {
        /// Another process holds the directory.
        case directoryInUse
        /// The directory was made by a newer version.
        case newerVersion
        /// The directory cannot be read or written.
        case directoryNotUsable
        /// What is on disk is damaged or does not fit together.
        case damaged
        /// The store is damaged, missing or older than the log needs; a start tries to make it anew before it says so.
        case damagedStore
        /// There is no room on the disk.
        case diskFull
        /// The engine stopped for good.
        case stopped
    }

    package var kind: Kind
    package var description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
