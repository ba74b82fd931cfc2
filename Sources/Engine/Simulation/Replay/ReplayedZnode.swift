import CoreTypes
import ZooKeeperWire

/// A znode of the sequential model.
struct ReplayedZnode: Hashable, Sendable {
    var isThere = false
    var content: UInt64 = 0
    var version: Int32 = 0
    var czxid: Zxid = .zero
    var mzxid: Zxid = .zero
    var owner: SessionID = .none
    /// How many children were ever created: the next suffix.
    var createCount: Int32 = 0
    var childCount: Int32 = 0
    var childrenDigest: UInt64 = 0
    /// How many znodes of the tree were created before it.
    var creationNumber: UInt64 = 0

    /// What a read of this znode answers.
    var shown: ActionResult {
        guard isThere else { return ActionResult(.noNode) }
        var result = ActionResult()
        result.content = content
        result.version = version
        result.czxid = czxid
        result.mzxid = mzxid
        result.cversion = createCount &* 2 &- childCount
        result.owner = owner
        result.childCount = childCount
        result.childrenDigest = childrenDigest
        return result
    }

    /// Java's counter of versions leaves out -1, which means "any".
    static func following(_ version: Int32) -> Int32 { version &+ 1 == -1 ? 0 : version &+ 1 }
}
