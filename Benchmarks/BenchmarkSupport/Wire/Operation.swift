/// The requests that the load generator can send, with ZooKeeper's numbers for them.
package enum Operation: Int32, Sendable, CaseIterable {
    case create = 1
    case delete = 2
    case exists = 3
    case get = 4
    case set = 5

    /// True for those that change the tree and so must be durable before they are answered.
    package var isWrite: Bool { self == .create || self == .delete || self == .set }
}
