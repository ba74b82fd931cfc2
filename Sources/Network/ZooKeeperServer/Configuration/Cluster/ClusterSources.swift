/// Everything that says something about a cluster: read, and not judged yet.
///
/// The files that a cluster needs (`myid`, the secret) are read by the caller, and only if `isCluster` says so.
package struct ClusterSources: Equatable, Sendable {
    /// In the order in which they stand there.
    package var servers: [ServerEntry] = []
    /// `--replica`.
    package var replicaOption: Int?
    /// The path of `myid`, for messages.
    package var myidPath = "myid"
    /// What is in it; nil if there is no such file.
    package var myid: String?
    package var secret: PeerSecret?
    package init() {}

    /// Whether it takes more than one replica to serve.
    package var isCluster: Bool { servers.count > 1 }

    /// The entry of this server, once it is known which one that is: that of a server that stands alone is the only one.
    package func ownEntry(in settings: ClusterSettings?) -> ServerEntry? {
        guard let settings else { return servers.count == 1 ? servers.first : nil }
        return servers.first { $0.member.replica == settings.ownReplica }
    }
}
