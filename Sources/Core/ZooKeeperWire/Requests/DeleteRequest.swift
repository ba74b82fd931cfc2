package import CoreTypes
package import Jute

/// delete, and check, which has the same two fields.
package struct DeleteRequest: ~Escapable {
    package let path: RawSpan
    /// -1 for any.
    package let version: Int32

    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    package init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.requiredString()
        version = try reader.int32()
    }
}

extension ByteBuilder {
    /// A delete or check request as a client sends it.
    package func append(deleteRequest path: String, version: Int32) {
        append(juteString: path)
        append(bigEndian: version)
    }
}
