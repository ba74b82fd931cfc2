import CoreTypes
package import Jute

/// A request that is a path and a number: addWatch (`AddWatchMode`), checkWatches and removeWatches (`WatcherType`).
package struct PathNumberRequest: ~Escapable {
    package let path: RawSpan
    /// Not checked.
    package let number: Int32

    @_lifetime(copy reader)
    @_lifetime(reader: copy reader)
    package init(from reader: inout JuteReader) throws(JuteError) {
        path = try reader.requiredString()
        number = try reader.int32()
    }
}
