package import CoreTypes

/// One server of a cluster, as the configuration names it.
package struct ClusterMember: Equatable, Sendable {
    /// N of `server.N`.
    package var replica: ReplicaID
    /// A name or an address, that of IPv6 without brackets.
    package var host: String
    /// Where it listens for its peers.
    package var peerPort: Int
    /// It learns and serves clients, and has no vote.
    package var isObserver: Bool

    package init(replica: ReplicaID, host: String, peerPort: Int, isObserver: Bool) {
        self.replica = replica
        self.host = host
        self.peerPort = peerPort
        self.isObserver = isObserver
    }

    /// Whether the host is this machine whatever machine it is, told from the text alone: nothing is looked up.
    package var isOnLoopback: Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether the host stands for every address of a machine: to listen on, not to connect to.
    var isWildcard: Bool { ClusterMember.isWildcard(host) }

    static func isWildcard(_ host: String) -> Bool { ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"].contains(host) }
}
