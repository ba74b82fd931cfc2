package import CoreTypes
package import ZooKeeperWire

/// Something that a watch may wait for. Trivial; the path lies in the `ApplyOutput`.
package struct TreeEvent: Sendable {
    /// The place in its proposal, from 0, of the command that caused it.
    package var commandIndex: Int32
    package var type: WatchEventType
    package var zxid: Zxid
    package var pathOffset: Int
    package var pathByteCount: Int

    package init(commandIndex: Int32, type: WatchEventType, zxid: Zxid, pathOffset: Int, pathByteCount: Int) {
        self.commandIndex = commandIndex
        self.type = type
        self.zxid = zxid
        self.pathOffset = pathOffset
        self.pathByteCount = pathByteCount
    }
}
