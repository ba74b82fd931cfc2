/// Bytes that are no founding record, or no facts of a replica: of another version, cut, or damaged.
package struct FormationDecodingError: Error, Equatable, Sendable {
    package init() {}
}
