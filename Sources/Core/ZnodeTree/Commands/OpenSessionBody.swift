package import CoreTypes
package import ZooKeeperWire

/// The body of an `openSession` command, 22 bytes:
///
/// ```
/// 0  u8  replica                 that holds the connection
/// 1  u32 timeout, milliseconds
/// 5  16 bytes password
/// 21 u8  flags                   1: the hidden session of an embedded process, which never expires by itself
/// ```
package struct OpenSessionBody: Equatable, Sendable {
    package var replica: ReplicaID
    package var timeoutMilliseconds: UInt32
    package var password: SessionPassword
    package var isHidden: Bool

    package init(replica: ReplicaID, timeoutMilliseconds: UInt32, password: SessionPassword, isHidden: Bool) {
        self.replica = replica
        self.timeoutMilliseconds = timeoutMilliseconds
        self.password = password
        self.isHidden = isHidden
    }

    package func append(to bytes: ByteBuilder) {
        bytes.append(littleEndian: replica.rawValue)
        bytes.append(littleEndian: timeoutMilliseconds)
        password.encode(into: bytes)
        bytes.append(littleEndian: UInt8(isHidden ? 1 : 0))
    }

    package init(_ body: RawSpan) throws(CommandError) {
        var reader = ByteReader(body)
        do throws(ByteReader.EndOfBytes) {
            replica = ReplicaID(rawValue: try reader.integer())
            timeoutMilliseconds = try reader.integer()
            password = try reader.password()
            isHidden = try reader.integer(UInt8.self) & 1 != 0
        } catch {
            throw CommandError(.body, offset: error.offset)
        }
    }
}

extension ByteReader {
    /// 16 bytes of a password, in the order in which they stand.
    @_lifetime(self: copy self)
    mutating func password() throws(EndOfBytes) -> SessionPassword {
        // The reader takes the first byte for the lowest.
        let high = try integer(UInt64.self).byteSwapped
        let low = try integer(UInt64.self).byteSwapped
        return SessionPassword(high: high, low: low)
    }
}
