import CoreTypes
import ZooKeeperWire

/// Something that a watch may wait for.
struct TreeChange: Hashable, Sendable {
    var path: PathID
    var type: WatchEventType
    var zxid: Zxid
}
