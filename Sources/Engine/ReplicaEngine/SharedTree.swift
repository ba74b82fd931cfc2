internal import Synchronization
package import ZnodeTree

/// The tree, and the one lock that guards it: the engine applies under it, readers on other threads look under it.
///
/// A reader holds it for as long as the deltas are asked, never while the store is read: what the deltas do not know is
/// read from the store after the lock was let go, by the view taken under it (`design.md` D2, D8).
package final class SharedTree: @unchecked Sendable {
    // Sendable because `tree` is touched only while `lock` is held.
    private let lock = Mutex<Void>(())
    private var tree: ZnodeTree

    package init(_ tree: ZnodeTree) { self.tree = tree }

    /// Runs `body` while no other thread sees or changes the tree.
    ///
    /// - Parameter body: must not wait for anything, nor keep the tree.
    package func withLock<Result, Failure: Error>(
        _ body: (ZnodeTree) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try lock.withLock { _ throws(Failure) in try body(tree) }
    }

    /// Puts another tree in the place of this one; readers wait meanwhile. If `body` throws, the old one stays.
    package func replace<Failure: Error>(with body: (ZnodeTree) throws(Failure) -> ZnodeTree) throws(Failure) {
        try lock.withLock { _ throws(Failure) in tree = try body(tree) }
    }
}
