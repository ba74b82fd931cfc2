internal import CoreTypes

/// One `server.N=…` line of a configuration file, or one `--server N=…` option.
///
/// ZooKeeper's forms are all read, and a shorter one for the one port that this server needs:
///
/// ```
/// host:peerPort[:electionPort][:participant|observer][;[clientAddress:]clientPort]
/// ```
///
/// An address of IPv6 stands in brackets.
package struct ServerEntry: Equatable, Sendable {
    /// The file, or the option's name.
    package var file: String
    /// From 1; 0 for an option.
    package var line: Int
    package var member: ClusterMember
    /// Whether an election port stands there, which is not needed.
    package var hasElectionPort: Bool
    /// Where clients are served, if the entry says it.
    package var clientAddress: String?
    package var clientPort: Int?

    /// Reads what stands before and behind the `=`.
    ///
    /// - Throws: what is wrong and what would be right, without the place.
    package init(number: String, value: String, file: String, line: Int) throws(ServerEntryFlaw) {
        guard let replica = UInt8(number), (1...Limits.replicaNumberMax).contains(Int(replica)) else {
            throw ServerEntryFlaw("a server's number is from 1 to \(Limits.replicaNumberMax), not \(number)")
        }
        guard !value.contains("|") else {
            throw ServerEntryFlaw("several addresses of one server, separated by |, are not supported: name one")
        }
        let halves = value.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
            .map { ServerEntry.trimmed($0) }
        var parts = ServerEntry.parts(halves.first ?? "")
        let role = parts.last?.lowercased() ?? ""
        let hasRole = role == "participant" || role == "observer"
        if hasRole { parts.removeLast() }
        guard (2...3).contains(parts.count), !parts[0].isEmpty else { throw ServerEntryFlaw(ServerEntry.form) }
        member = ClusterMember(
            replica: ReplicaID(rawValue: replica), host: parts[0],
            peerPort: try ServerEntry.port(parts[1], "peer port"), isObserver: role == "observer")
        hasElectionPort = parts.count == 3
        if parts.count == 3 { _ = try ServerEntry.port(parts[2], "election port") }
        if halves.count == 2 {
            let client = ServerEntry.parts(halves[1])
            guard client.count == 1 || (client.count == 2 && !client[0].isEmpty) else {
                throw ServerEntryFlaw("behind the ; stands [clientAddress:]clientPort, not \"\(halves[1])\"")
            }
            clientPort = try ServerEntry.port(client[client.count - 1], "client port")
            clientAddress = client.count == 2 ? client[0] : nil
        }
        self.file = file
        self.line = line
    }

    /// `server.N`, or `--server N`, for messages.
    package var name: String { line > 0 ? "server.\(member.replica.rawValue)" : "\(file) \(member.replica.rawValue)" }

    private static let form =
        "a server is host:peerPort:electionPort, then :observer for one without a vote, then ;clientPort; an address of "
        + "IPv6 stands in brackets"

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// What stands between the colons, but for those in brackets.
    private static func parts(_ text: String) -> [String] {
        guard text.hasPrefix("["), let end = text.firstIndex(of: "]") else {
            return text.split(separator: ":", omittingEmptySubsequences: false).map { trimmed($0) }
        }
        let address = String(text[text.index(after: text.startIndex)..<end])
        let rest = text[text.index(after: end)...]
        guard !rest.isEmpty else { return [address] }
        // Whatever stands between the bracket and the first colon belongs nowhere.
        guard rest.hasPrefix(":") else { return [] }
        return [address] + rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false).map { trimmed($0) }
    }

    private static func port(_ text: String, _ name: String) throws(ServerEntryFlaw) -> Int {
        guard let port = Int(text), (1...65_535).contains(port) else {
            throw ServerEntryFlaw("\"\(text)\" is no \(name): it is a number from 1 to 65535; \(form)")
        }
        return port
    }
}
