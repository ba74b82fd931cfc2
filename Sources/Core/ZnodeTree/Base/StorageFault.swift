/// The store could not be read, or what it holds is damaged. Never an answer about a znode.
///
/// When apply throws it, nothing of the command in question was changed, and the engine stops applying for good: a
/// fault must not be taken for "there is no such znode".
package struct StorageFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found, for example `row checksum does not match`.
    package var what: String
    /// Where: file and key.
    package var location: String
    /// What to do about it.
    package var remedy: String

    package init(_ what: String, at location: String, remedy: String) {
        self.what = what
        self.location = location
        self.remedy = remedy
    }

    package var description: String { "\(what), at \(location); \(remedy)" }
}
