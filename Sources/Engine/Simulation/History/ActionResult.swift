package import CoreTypes
package import ZooKeeperWire

/// What an action was answered. Which fields mean something depends on its kind.
package struct ActionResult: Hashable, Sendable {
    /// In a multi that failed: `ok` before the action that failed, `runtimeInconsistency` behind it.
    package var error: ErrorCode
    /// Of get: the number that the data spells.
    package var content: UInt64 = 0
    /// Of set, get and exists. So are the following, up to `owner`.
    package var version: Int32 = 0
    package var czxid: Zxid = .zero
    package var mzxid: Zxid = .zero
    /// As on the wire: creates and deletes of children.
    package var cversion: Int32 = 0
    /// The session that an ephemeral belongs to; `none` for other znodes.
    package var owner: SessionID = .none
    /// Of children, and of every other that shows a stat.
    package var childCount: Int32 = 0
    /// Of children: the wrapping sum of `PathTable.hash` over the full paths that were listed.
    package var childrenDigest: UInt64 = 0
    /// Of create: the path as it came back, its suffix included.
    package var created: PathID = .none

    package init(_ error: ErrorCode = .ok) { self.error = error }
}
