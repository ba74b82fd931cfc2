package import Jute

/// Reads the entries of an encoded `vector<ACL>` one after another, in place.
package struct AccessListReader: ~Escapable {
    /// One entry, pointing into the encoded list.
    package struct Entry: ~Escapable {
        package let permissions: Permissions
        package let scheme: RawSpan
        package let id: RawSpan

        @_lifetime(copy scheme, copy id)
        init(permissions: Permissions, scheme: RawSpan, id: RawSpan) {
            self.permissions = permissions
            self.scheme = scheme
            self.id = id
        }
    }

    private var reader: JuteReader

    /// Entries not read yet.
    package private(set) var remainingCount: Int

    /// - Throws: `JuteError` when the count cannot be right.
    @_lifetime(copy list)
    package init(_ list: RawSpan) throws(JuteError) {
        var reader = JuteReader(list)
        let count = try reader.vectorCount(elementByteCountMin: AccessEntry.byteCountMin) ?? 0
        self.reader = reader
        self.remainingCount = count
    }

    /// The next entry, or nil after the last.
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    package mutating func next() throws(JuteError) -> Entry? {
        if remainingCount == 0 { return nil }
        remainingCount -= 1
        let permissions = Permissions(rawValue: try reader.int32())
        let scheme = try reader.string()
        let id = try reader.string()
        return Entry(permissions: permissions, scheme: scheme, id: id)
    }

    /// Reads over an encoded list, so that the reader stands behind it.
    ///
    /// - Returns: the encoded list, count included; a null list is its four bytes of -1.
    @_lifetime(reader: copy reader)
    @_lifetime(copy reader)
    package static func skip(_ reader: inout JuteReader) throws(JuteError) -> RawSpan {
        let start = reader.offset
        let count = try reader.vectorCount(elementByteCountMin: AccessEntry.byteCountMin) ?? 0
        for _ in 0..<count {
            _ = try reader.int32()
            _ = try reader.string()
            _ = try reader.string()
        }
        return reader.bytesRead(from: start)
    }
}
