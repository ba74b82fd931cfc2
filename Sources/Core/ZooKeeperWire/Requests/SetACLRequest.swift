package import CoreTypes
package import Jute

/// setACL; points into the frame.
package struct SetACLRequest: ~Escapable {
    package let path: RawSpan
    /// The encoded `vector<ACL>`.
    package let accessList: RawSpan
    /// Expected aversion, -1 for any.
    package let version: Int32

    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    package init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.requiredString()
        accessList = try AccessListReader.skip(&reader)
        version = try reader.int32()
    }
}

extension ByteBuilder {
    /// A setACL request as a client sends it.
    package func append(setACLRequest path: String, accessList: AccessList, version: Int32) {
        append(juteString: path)
        accessList.encode(into: self)
        append(bigEndian: version)
    }
}
