package import CoreTypes

/// The cluster that a replica is to be a member of, as its configuration has it: checked, and nothing looked up.
///
/// After the first start the membership in the log counts; a configuration that names other voters is refused then.
package struct ClusterSettings: Equatable, Sendable {
    package var ownReplica: ReplicaID
    /// By rising number, none twice, at least one with a vote, `ownReplica` among them.
    package var members: [ClusterMember]
    /// Nil only if every member is on loopback.
    package var secret: PeerSecret?
    /// An operator vouches that there was no cluster before; see the article *Formation*.
    package var isInitializing = false

    /// Judges what the configuration says.
    ///
    /// - Parameter warnings: what there is to say that is no error is added.
    /// - Returns: nil if the server stands alone.
    /// - Throws: everything that is wrong.
    package static func make(
        from sources: ClusterSources, warnings: inout [ConfigurationNote]
    ) throws(ConfigurationError) -> ClusterSettings? {
        var judge = ClusterJudge(sources)
        let settings = judge.judge()
        warnings += judge.warnings
        if !judge.problems.isEmpty { throw ConfigurationError(problems: judge.problems) }
        return settings
    }

    /// What is wrong with where clients are to be served, given where this replica listens for its peers; nil if nothing.
    package func clash(withClientsAt address: String, port: Int) -> String? {
        guard let own = members.first(where: { $0.replica == ownReplica }), own.peerPort == port else { return nil }
        guard own.host == address || own.isWildcard || ClusterMember.isWildcard(address) else { return nil }
        return "port \(port) is for the clients and, by server.\(ownReplica.rawValue), for the peers: give each its own"
    }
}
