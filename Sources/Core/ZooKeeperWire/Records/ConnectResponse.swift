package import CoreTypes
package import Jute

/// The reply to the first frame: 36 bytes, or 37 with the read-only flag, which stands there only if the client sent it.
package struct ConnectResponse: Equatable, Sendable {
    package var protocolVersion: Int32
    /// What the server grants; 0 refuses.
    package var timeoutMilliseconds: Int32
    package var session: SessionID
    package var password: SessionPassword
    /// Nil when the request had no such flag.
    package var isReadOnly: Bool?

    package init(
        protocolVersion: Int32 = 0, timeoutMilliseconds: Int32, session: SessionID, password: SessionPassword,
        isReadOnly: Bool?
    ) {
        self.protocolVersion = protocolVersion
        self.timeoutMilliseconds = timeoutMilliseconds
        self.session = session
        self.password = password
        self.isReadOnly = isReadOnly
    }

    /// What a client with a wrong password or a session that is no more is told before it is cut off.
    package static func refused(isReadOnly: Bool?) -> ConnectResponse {
        ConnectResponse(timeoutMilliseconds: 0, session: .none, password: .zero, isReadOnly: isReadOnly)
    }

    package init(from reader: inout JuteReader) throws(JuteError) {
        protocolVersion = try reader.int32()
        timeoutMilliseconds = try reader.int32()
        session = SessionID(wireValue: try reader.int64())
        password = SessionPassword(try reader.string()) ?? .zero
        isReadOnly = reader.remaining > 0 ? try reader.boolean() : nil
    }

    package func encode(into builder: ByteBuilder) {
        builder.append(bigEndian: protocolVersion)
        builder.append(bigEndian: timeoutMilliseconds)
        builder.append(bigEndian: session.wireValue)
        builder.append(bigEndian: Int32(SessionPassword.byteCount))
        password.encode(into: builder)
        if let isReadOnly { builder.append(juteBoolean: isReadOnly) }
    }
}
