internal import Clustering
internal import CoreTypes

/// Joins stores of one process to a cluster, without sockets: for tests of programs that embed a cluster.
///
/// ```swift
/// let network = InProcessNetwork()
/// async let first = MetadataStore.open("1", cluster: .init(replica: 1, of: 3, in: network))
/// async let second = MetadataStore.open("2", cluster: .init(replica: 2, of: 3, in: network))
/// async let third = MetadataStore.open("3", cluster: .init(replica: 3, of: 3, in: network))
/// ```
///
/// Messages arrive in order and at once. What a replica is sent faster than it takes in is bounded to 64 MiB; beyond,
/// its connection is ended and made anew, as a network would do it. May be used from any thread.
public final class InProcessNetwork: Sendable {
    let hub = InProcessHub()

    /// A network that nobody is connected to.
    public init() {}

    /// Cuts a replica off from all others, as a broken cable would.
    ///
    /// - Parameter replica: its number; it need not be there yet.
    public func isolate(_ replica: Int) {
        if let replica = UInt8(exactly: replica) { hub.isolate(ReplicaID(rawValue: replica)) }
    }

    /// Connects a replica again that was cut off.
    public func rejoin(_ replica: Int) {
        if let replica = UInt8(exactly: replica) { hub.rejoin(ReplicaID(rawValue: replica)) }
    }
}
