package import CoreTypes
import Jute

/// What a client is told about a watched path; its reply header has the xid of notifications.
package struct WatcherEvent: ~Escapable {
    package var type: WatchEventType
    package var state: KeeperState
    package var path: RawSpan

    @_lifetime(copy path)
    package init(type: WatchEventType, state: KeeperState = .syncConnected, path: RawSpan) {
        self.type = type
        self.state = state
        self.path = path
    }

    /// Bytes of the record for a path of so many bytes.
    package static func byteCount(pathByteCount: Int) -> Int { 12 + pathByteCount }

    package func encode(into builder: ByteBuilder) {
        builder.append(bigEndian: type.rawValue)
        builder.append(bigEndian: state.rawValue)
        builder.append(juteString: path)
    }
}
