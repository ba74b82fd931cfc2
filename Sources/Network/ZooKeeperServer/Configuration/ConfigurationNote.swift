/// Something about one line of a configuration file: where, what, and what to do.
package struct ConfigurationNote: Equatable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; 0 when the note is about the file as a whole.
    package var line: Int
    package var text: String

    package init(file: String, line: Int, text: String) {
        self.file = file
        self.line = line
        self.text = text
    }

    package var description: String { line > 0 ? "\(file):\(line): \(text)" : "\(file): \(text)" }
}
