/// A configuration that cannot be served with; holds everything that is wrong, not only what is wrong first.
package struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Never empty; in the order of the file.
    package var problems: [ConfigurationNote]

    package init(problems: [ConfigurationNote]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
