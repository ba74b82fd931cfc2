public import Logging

/// The cluster that a store is a replica of: who is in it, and which one this store is.
///
/// ```swift
/// let cluster = ClusterConfiguration(
///     replica: 1,
///     members: [
///         .init(number: 1, host: "10.0.0.1", peerPort: 2888),
///         .init(number: 2, host: "10.0.0.2", peerPort: 2888),
///         .init(number: 3, host: "10.0.0.3", peerPort: 2888),
///     ],
///     secret: .init(bytes))
/// let store = try await MetadataStore.open("data", cluster: cluster)
/// ```
///
/// The members are the same on each of them. What counts after the first start is what the cluster was founded with: a
/// configuration that names other voters is refused.
public struct ClusterConfiguration: Sendable {
    /// One replica.
    public struct Member: Hashable, Sendable {
        /// Its number, 1 to 254, which it keeps for ever.
        public var number: Int
        /// The name or address that the others reach it by. Not used in a process.
        public var host: String
        /// The TCP port that it listens on for the others. Not used in a process.
        public var peerPort: Int
        /// It follows and can be read, and has no vote.
        public var isObserver: Bool

        /// A replica that is reached over the network.
        public init(number: Int, host: String, peerPort: Int, isObserver: Bool = false) {
            self.number = number
            self.host = host
            self.peerPort = peerPort
            self.isObserver = isObserver
        }
    }

    /// What all replicas know and nobody else: they prove it to each other, and never send it.
    public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
        let bytes: [UInt8]

        /// From random bytes, 16 to 4 096 of them.
        public init(_ bytes: [UInt8]) { self.bytes = bytes }

        /// Not the secret, which must not get into logs.
        public var description: String { "a secret of \(bytes.count) bytes" }
        /// The same.
        public var debugDescription: String { description }
        /// Nothing.
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// How replicas reach each other.
    public enum Transport: Sendable {
        /// Over TCP. Frames are authenticated at the start of a connection and not encrypted.
        case network
        /// Within this process, for tests: no sockets, and no ports.
        case inProcess(InProcessNetwork)
    }

    /// The number of this store among the members.
    public var replica: Int
    /// All replicas, this one among them. Of those with a vote more than half must be up for writes, so their number is
    /// best odd.
    public var members: [Member]
    /// The same for all. Needed unless every member is on this machine (127.0.0.1 or ::1).
    public var secret: Secret?
    /// How replicas reach each other.
    public var transport = Transport.network
    /// How long opening waits, in milliseconds, until the cluster is there and this replica serves. The very first start
    /// of a cluster waits for all voters, later ones for more than half.
    public var openTimeoutMilliseconds = 60_000
    /// How long the ephemerals of the store's own session outlive a process that was killed, or that was cut off from the
    /// others, in milliseconds.
    public var sessionTimeoutMilliseconds = 10_000
    /// Is told who connects and who is missing; nil for nobody.
    public var logger: Logger?

    /// A cluster over the network.
    public init(replica: Int, members: [Member], secret: Secret? = nil) {
        self.replica = replica
        self.members = members
        self.secret = secret
    }

    /// A cluster within this process, for tests: its replicas are 1 to `count`, all with a vote.
    public init(replica: Int, of count: Int, in network: InProcessNetwork) {
        self.replica = replica
        members = (1...max(count, 1)).map { Member(number: $0, host: "", peerPort: 0) }
        transport = .inProcess(network)
    }
}
