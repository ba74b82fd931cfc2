package import CoreTypes
package import Jute

/// setData; points into the frame.
package struct SetDataRequest: ~Escapable {
    package let path: RawSpan
    /// Nil when the client sent null, which is kept apart from empty.
    package let data: RawSpan?
    /// -1 for any.
    package let version: Int32

    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    package init(from reader: inout JuteReader) throws(JuteError) {
        let path = try reader.string()
        let data = try reader.buffer()
        self.path = path
        self.data = data
        version = try reader.int32()
    }
}

extension ByteBuilder {
    /// A setData request as a client sends it.
    package func append(setDataRequest path: String, data: [UInt8]?, version: Int32) {
        append(juteString: path)
        append(juteBytes: data)
        append(bigEndian: version)
    }
}
