package import CoreTypes
package import Jute

/// A request that is a path, with or without the wish to be told of changes: exists, getData, getChildren,
/// getChildren2 (with), getACL, sync, getEphemerals, getAllChildrenNumber (without).
package struct PathRequest: ~Escapable {
    package let path: RawSpan
    package let wantsWatch: Bool

    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    package init(from reader: inout JuteReader, hasWatch: Bool) throws(JuteError) {
        path = try reader.requiredString()
        wantsWatch = hasWatch ? try reader.boolean() : false
    }
}

extension ByteBuilder {
    /// A path request as a client sends it.
    package func append(pathRequest path: String, watch: Bool? = nil) {
        append(juteString: path)
        if let watch { append(juteBoolean: watch) }
    }
}
