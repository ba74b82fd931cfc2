package import CoreTypes
package import ZooKeeperWire

/// One session as the replicated state has it.
package struct Session: Equatable, Sendable {
    package var id: SessionID
    package var password: SessionPassword
    /// After so long without a word from its client a session may be expired. 0 for hidden ones.
    package var timeoutMilliseconds: UInt32
    /// Where the client is connected.
    package var replica: ReplicaID
    /// Whether it belongs to an embedding process: it ends with the process, and is never expired by time.
    package var isHidden: Bool
    /// The connection that holds it: only its commands are executed.
    package var attachment: AttachmentID
    /// The number that the next command must have; 1 after attaching.
    package var nextSequence: UInt64

    /// Bytes of the payload of its row.
    static let rowByteCount = 40

    package init(
        id: SessionID, password: SessionPassword, timeoutMilliseconds: UInt32, replica: ReplicaID,
        isHidden: Bool = false, attachment: AttachmentID, nextSequence: UInt64 = 1
    ) {
        self.id = id
        self.password = password
        self.timeoutMilliseconds = timeoutMilliseconds
        self.replica = replica
        self.isHidden = isHidden
        self.attachment = attachment
        self.nextSequence = nextSequence
    }

    /// Appends the payload of its row.
    func encode(into builder: ByteBuilder) {
        builder.append(littleEndian: replica.rawValue)
        builder.append(littleEndian: UInt8(isHidden ? 1 : 0))
        builder.append(littleEndian: UInt16(0))
        builder.append(littleEndian: timeoutMilliseconds)
        builder.append(bigEndian: password.high)
        builder.append(bigEndian: password.low)
        builder.append(littleEndian: attachment.rawValue)
        builder.append(littleEndian: nextSequence)
    }

    /// Reads the payload of a row; nil unless it is one.
    init?(id: SessionID, payload: RawSpan) {
        guard payload.byteCount == Session.rowByteCount else { return nil }
        var reader = ByteReader(payload)
        guard let replica = try? reader.integer(UInt8.self), let flags = try? reader.integer(UInt8.self), flags <= 1,
            (try? reader.integer(UInt16.self)) != nil, let timeout = try? reader.integer(UInt32.self),
            let password = try? reader.password(), let attachment = try? reader.integer(UInt64.self),
            let nextSequence = try? reader.integer(UInt64.self)
        else { return nil }
        self.init(
            id: id, password: password, timeoutMilliseconds: timeout, replica: ReplicaID(rawValue: replica),
            isHidden: flags == 1, attachment: AttachmentID(rawValue: attachment), nextSequence: nextSequence)
    }
}
