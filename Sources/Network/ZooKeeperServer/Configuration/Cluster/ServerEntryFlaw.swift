/// What is wrong with a `server.N` line, and what would be right.
package struct ServerEntryFlaw: Error, Equatable, Sendable {
    package var text: String

    init(_ text: String) { self.text = text }
}
