package import CoreTypes
package import Jute

/// One entry of an access list, `ACL` on the wire, with its own copy of the bytes. For configuration and tests;
/// what is checked on every request is read in place by `AccessListReader`.
package struct AccessEntry: Hashable, Sendable {
    package var permissions: Permissions
    /// UTF-8, for example `digest`.
    package var scheme: [UInt8]
    /// UTF-8, for example `user:hash`.
    package var id: [UInt8]

    /// Bytes of the smallest entry.
    package static let byteCountMin = 12

    package init(permissions: Permissions, scheme: [UInt8], id: [UInt8]) {
        self.permissions = permissions
        self.scheme = scheme
        self.id = id
    }

    package init(permissions: Permissions, scheme: String, id: String) {
        self.init(permissions: permissions, scheme: Array(scheme.utf8), id: Array(id.utf8))
    }

    package init(from reader: inout JuteReader) throws(JuteError) {
        permissions = Permissions(rawValue: try reader.int32())
        scheme = [UInt8](copying: try reader.string())
        id = [UInt8](copying: try reader.string())
    }

    package func encode(into builder: ByteBuilder) {
        builder.append(bigEndian: permissions.rawValue)
        builder.append(juteBytes: scheme)
        builder.append(juteBytes: id)
    }
}
