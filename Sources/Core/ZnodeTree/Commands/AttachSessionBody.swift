package import CoreTypes
package import ZooKeeperWire

/// The body of an `attachSession` command, 21 bytes:
///
/// ```
/// 0  u8  replica                 that holds the new connection
/// 1  u32 timeout, milliseconds
/// 5  16 bytes password
/// ```
package struct AttachSessionBody: Equatable, Sendable {
    package var replica: ReplicaID
    package var timeoutMilliseconds: UInt32
    package var password: SessionPassword

    package init(replica: ReplicaID, timeoutMilliseconds: UInt32, password: SessionPassword) {
        self.replica = replica
        self.timeoutMilliseconds = timeoutMilliseconds
        self.password = password
    }

    package func append(to bytes: ByteBuilder) {
        bytes.append(littleEndian: replica.rawValue)
        bytes.append(littleEndian: timeoutMilliseconds)
        password.encode(into: bytes)
    }

    package init(_ body: RawSpan) throws(CommandError) {
        var reader = ByteReader(body)
        do throws(ByteReader.EndOfBytes) {
            replica = ReplicaID(rawValue: try reader.integer())
            timeoutMilliseconds = try reader.integer()
            password = try reader.password()
        } catch {
            throw CommandError(.body, offset: error.offset)
        }
    }
}
