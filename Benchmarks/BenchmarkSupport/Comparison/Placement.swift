/// Which replicas of a cluster the generator's connections go to.
package enum Placement: String, Sendable, CaseIterable {
    /// All of them in turn, the leader first: a single connection goes to the leader.
    case spread
    case leader
    case followers

    /// The addresses to deal connections out to, or nil while the states show no leader, or no follower to go to.
    ///
    /// - Parameter states: what each replica says of itself, in the order of `addresses`.
    package func choose(among addresses: [ServerAddress], states: [String]) -> [ServerAddress]? {
        let known = Array(zip(addresses, states))
        let leaders = known.filter { $0.1 == "leader" }.map(\.0)
        let followers = known.filter { $0.1 == "follower" }.map(\.0)
        guard leaders.count == 1, leaders.count + followers.count == addresses.count else { return nil }
        switch self {
        case .spread: return leaders + followers
        case .leader: return leaders
        case .followers: return followers.isEmpty ? nil : followers
        }
    }

    /// What a replica is, by its answer to `mntr`: `leader`, `follower`, or something else while it has no part.
    package static func state(inMonitor text: String) -> String? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t")
            if parts.count == 2, parts[0] == "zk_server_state" { return String(parts[1]) }
        }
        return nil
    }
}
