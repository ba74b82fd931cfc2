package import CoreTypes
package import Jute

/// auth: proves an identity; points into the frame.
package struct AuthPacket: ~Escapable {
    /// Always 0.
    package let type: Int32
    /// For example `digest`.
    package let scheme: RawSpan
    /// For `digest`, `user:password`.
    package let credentials: RawSpan

    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    package init(from reader: inout JuteReader) throws(JuteError) {
        type = try reader.int32()
        scheme = try reader.string()
        credentials = try reader.string()
    }
}

extension ByteBuilder {
    /// An auth packet as a client sends it.
    package func append(authPacket scheme: String, credentials: String) {
        append(bigEndian: Int32(0))
        append(juteString: scheme)
        append(juteString: credentials)
    }
}
