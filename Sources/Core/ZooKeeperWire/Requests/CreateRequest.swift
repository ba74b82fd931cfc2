package import CoreTypes
package import Jute

/// create, create2, createContainer and, with a time to live, createTTL; points into the frame.
package struct CreateRequest: ~Escapable {
    package let path: RawSpan
    /// Nil when the client sent null, which is kept apart from empty.
    package let data: RawSpan?
    /// The encoded `vector<ACL>`.
    package let accessList: RawSpan
    /// A `CreateMode`, not checked.
    package let flags: Int32
    /// Milliseconds without a change after which the znode goes; 0 unless the operation is createTTL.
    package let ttlMilliseconds: Int64

    /// - Parameter hasTTL: true for createTTL.
    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    package init(from reader: inout JuteReader, hasTTL: Bool) throws(JuteError) {
        let path = try reader.requiredString()
        let data = try reader.buffer()
        let accessList = try AccessListReader.skip(&reader)
        self.path = path
        self.data = data
        self.accessList = accessList
        flags = try reader.int32()
        ttlMilliseconds = hasTTL ? try reader.int64() : 0
    }
}

extension ByteBuilder {
    /// A create request as a client sends it.
    package func append(
        createRequest path: String, data: [UInt8]?, accessList: AccessList = .worldAnyoneAll,
        mode: CreateMode = .persistent, ttlMilliseconds: Int64? = nil
    ) {
        append(juteString: path)
        append(juteBytes: data)
        accessList.encode(into: self)
        append(bigEndian: mode.rawValue)
        if let ttlMilliseconds { append(bigEndian: ttlMilliseconds) }
    }
}
