package import PosixIO

/// The failure that ended the life of a log: what is not durable yet never will be, and the file is not touched again.
package struct LogFailure: Error, Equatable, Sendable, CustomStringConvertible {
    package var error: FileError

    package var description: String {
        "the log takes no more writes, because after this nobody knows what is on disk: \(error); "
            + "see to the disk, then restart"
    }
}
