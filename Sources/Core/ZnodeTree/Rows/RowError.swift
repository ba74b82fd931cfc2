/// Why bytes are not a row of the store.
package struct RowError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// The checksum over key and value does not match.
        case checksum
        /// The bytes end within a field, or go on after the last one.
        case byteCount
        /// A field holds what the format does not allow.
        case field(StaticName)
        /// The row was written by a newer version.
        case layout(UInt8)
    }

    /// The name of a field, kept comparable.
    package struct StaticName: Equatable, Sendable, CustomStringConvertible {
        package let description: String

        package init(_ name: StaticString) { description = "\(name)" }
    }

    package var reason: Reason

    package init(_ reason: Reason) { self.reason = reason }

    package var description: String {
        switch reason {
        case .checksum: "the checksum of the row does not match its key and value"
        case .byteCount: "the row ends too early or too late"
        case .field(let name): "field \(name) of the row holds what the format does not allow"
        case .layout(let layout): "the row has layout \(layout), which this version does not know"
        }
    }
}
