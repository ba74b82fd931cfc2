package import CoreTypes
package import Jute

/// The first frame of a connection; it has no header.
package struct ConnectRequest: Equatable, Sendable {
    package var protocolVersion: Int32
    /// The highest zxid that the client has seen: a server that is behind it must not serve it.
    package var lastZxidSeen: Int64
    /// What the client asks for; the server clamps it.
    package var timeoutMilliseconds: Int32
    /// 0 asks for a new session.
    package var session: SessionID
    /// Nil when it is not 16 bytes: then it is nobody's.
    package var password: SessionPassword?
    /// Nil when the client is older than 3.4 and did not say: then the reply must not say it either.
    package var isReadOnlyAllowed: Bool?

    /// Bytes of the frame's body with a 16-byte password and no read-only flag.
    package static let byteCountMin = 44

    package init(
        protocolVersion: Int32 = 0, lastZxidSeen: Int64 = 0, timeoutMilliseconds: Int32, session: SessionID = .none,
        password: SessionPassword? = .zero, isReadOnlyAllowed: Bool? = false
    ) {
        self.protocolVersion = protocolVersion
        self.lastZxidSeen = lastZxidSeen
        self.timeoutMilliseconds = timeoutMilliseconds
        self.session = session
        self.password = password
        self.isReadOnlyAllowed = isReadOnlyAllowed
    }

    package init(from reader: inout JuteReader) throws(JuteError) {
        protocolVersion = try reader.int32()
        lastZxidSeen = try reader.int64()
        timeoutMilliseconds = try reader.int32()
        session = SessionID(wireValue: try reader.int64())
        password = SessionPassword(try reader.string())
        isReadOnlyAllowed = reader.remaining > 0 ? try reader.boolean() : nil
    }

    package func encode(into builder: ByteBuilder) {
        builder.append(bigEndian: protocolVersion)
        builder.append(bigEndian: lastZxidSeen)
        builder.append(bigEndian: timeoutMilliseconds)
        builder.append(bigEndian: session.wireValue)
        builder.append(bigEndian: Int32(SessionPassword.byteCount))
        (password ?? .zero).encode(into: builder)
        if let isReadOnlyAllowed { builder.append(juteBoolean: isReadOnlyAllowed) }
    }
}
