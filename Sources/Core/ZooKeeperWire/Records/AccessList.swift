package import CoreTypes
package import Jute

/// An access list with its own copy of the bytes, `vector<ACL>` on the wire.
package struct AccessList: Hashable, Sendable {
    package var entries: [AccessEntry]

    package init(_ entries: [AccessEntry]) { self.entries = entries }

    /// Everybody may do everything: what most clients ask for.
    package static var worldAnyoneAll: AccessList {
        AccessList([AccessEntry(permissions: .all, scheme: "world", id: "anyone")])
    }

    /// A null list reads as an empty one: both are refused in the same way.
    package init(from reader: inout JuteReader) throws(JuteError) {
        let count = try reader.vectorCount(elementByteCountMin: AccessEntry.byteCountMin) ?? 0
        var entries: [AccessEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count { entries.append(try AccessEntry(from: &reader)) }
        self.entries = entries
    }

    package func encode(into builder: ByteBuilder) {
        builder.append(juteVectorCount: entries.count)
        for entry in entries { entry.encode(into: builder) }
    }
}
