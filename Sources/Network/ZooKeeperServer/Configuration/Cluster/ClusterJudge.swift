internal import Consensus
internal import CoreTypes

/// The rules of what a configuration may say of a cluster, one a function.
struct ClusterJudge {
    private let sources: ClusterSources
    private(set) var warnings: [ConfigurationNote] = []
    private(set) var problems: [ConfigurationNote] = []

    init(_ sources: ClusterSources) { self.sources = sources }

    /// Collects warnings and problems; the settings count if there is no problem.
    mutating func judge() -> ClusterSettings? {
        guard let first = sources.servers.first else {
            if let option = sources.replicaOption {
                refuse(
                    "--replica", 0,
                    "\(option) is the number of a replica among others, and none are named: add --server or server.N "
                        + "lines, or leave it out")
            }
            return nil
        }
        checkVoters(first)
        guard sources.isCluster else {
            warn(first, "\(first.name) is the only server: it stands alone, and no more than its client port counts")
            return nil
        }
        checkNumbers()
        checkPlaces()
        checkElectionPorts()
        let own = ownReplica()
        if let own, let entry = sources.servers.first(where: { $0.member.replica == own }) { checkOwn(entry) }
        checkSecret()
        let members = sources.servers.map(\.member).sorted { $0.replica < $1.replica }
        return ClusterSettings(ownReplica: own ?? .none, members: members, secret: sources.secret)
    }

    private mutating func checkVoters(_ first: ServerEntry) {
        let voterCount = sources.servers.count { !$0.member.isObserver }
        if voterCount == 0 {
            refuse(first, "every server is an observer, and somebody must vote: make one a participant")
        } else if sources.isCluster, voterCount % 2 == 0 {
            warn(
                first,
                "\(voterCount) servers vote, which survives no more failures than \(voterCount - 1): make it an odd number"
            )
        }
    }

    private mutating func checkNumbers() {
        let servers = sources.servers
        for (index, entry) in servers.enumerated() {
            if let earlier = servers[..<index].first(where: { $0.member.replica == entry.member.replica }) {
                let place = earlier.line > 0 ? "stands in line \(earlier.line) already" : "was given already"
                refuse(entry, "\(entry.name) \(place): give every server a number of its own")
            }
        }
        if servers.count > Membership.memberCountMax {
            refuse(
                servers[Membership.memberCountMax],
                "\(servers.count) servers are named, and a cluster has at most \(Membership.memberCountMax)")
        }
    }

    private mutating func checkPlaces() {
        let servers = sources.servers
        for (index, entry) in servers.enumerated() {
            let member = entry.member
            if let earlier = servers[..<index].first(where: {
                $0.member.host == member.host && $0.member.peerPort == member.peerPort
                    && $0.member.replica != member.replica
            }) {
                refuse(
                    entry,
                    "\(entry.name) has host and peer port of \(earlier.name): give each server a peer port of its own")
            }
        }
        let onLoopback = servers.filter(\.member.isOnLoopback)
        if let first = onLoopback.first, onLoopback.count < servers.count {
            warn(first, "\(first.name) is on \(first.member.host), where servers on other machines do not reach it")
        }
    }

    private mutating func checkElectionPorts() {
        guard let first = sources.servers.first(where: \.hasElectionPort) else { return }
        warn(first, "election ports are not needed, and ignored: everything goes over the first port")
    }

    // MARK: This server

    private mutating func ownReplica() -> ReplicaID? {
        let fromFile = sources.myid == nil ? nil : numberInFile()
        if sources.myid != nil, fromFile == nil { return nil }
        guard let number = sources.replicaOption ?? fromFile else {
            refuse(
                sources.myidPath, 0,
                "the file is missing that says which server this is: write the N of its server.N line into it, or give "
                    + "--replica N")
            return nil
        }
        if let option = sources.replicaOption, let fromFile, option != fromFile {
            refuse("--replica", 0, "\(option) is given, and \(sources.myidPath) says \(fromFile): make them the same")
            return nil
        }
        guard let entry = sources.servers.first(where: { Int($0.member.replica.rawValue) == number }) else {
            let numbers = sources.servers.map { "\($0.member.replica.rawValue)" }.joined(separator: ", ")
            let file = sources.replicaOption == nil ? sources.myidPath : "--replica"
            refuse(file, 0, "there is no server \(number): the servers are \(numbers)")
            return nil
        }
        return entry.member.replica
    }

    private mutating func numberInFile() -> Int? {
        let text = (sources.myid ?? "").filter { !$0.isWhitespace }
        if let number = Int(text) { return number }
        refuse(
            sources.myidPath, 1,
            "\"\(text.prefix(20))\" is not the number of a server: write the N of its server.N line")
        return nil
    }

    private mutating func checkOwn(_ own: ServerEntry) {
        for entry in sources.servers where entry.member.isWildcard && entry.member.replica != own.member.replica {
            refuse(
                entry,
                "\(entry.name): \(entry.member.host) is no address to connect to: name the one that it is reached by")
        }
    }

    private mutating func checkSecret() {
        guard sources.secret == nil, let open = sources.servers.first(where: { !$0.member.isOnLoopback }) else {
            return
        }
        refuse(
            open,
            "\(open.name) is reached over a network, so the servers must share a secret: write 16 random bytes or more "
                + "into a file of mode 0600, the same on each, and name it by aviary.peerSecretFile or --peer-secret-file"
        )
    }

    // MARK: Notes

    private mutating func warn(_ entry: ServerEntry, _ text: String) {
        warnings.append(ConfigurationNote(file: entry.file, line: entry.line, text: text))
    }

    private mutating func refuse(_ entry: ServerEntry, _ text: String) { refuse(entry.file, entry.line, text) }

    private mutating func refuse(_ file: String, _ line: Int, _ text: String) {
        problems.append(ConfigurationNote(file: file, line: line, text: text))
    }
}
