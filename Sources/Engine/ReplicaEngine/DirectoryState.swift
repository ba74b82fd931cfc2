internal import Checksums
package import Consensus
internal import CoreTypes
package import DurableLog

/// What the file `identity` of a data directory says.
///
/// A file of text, so that a person can read it: one `name value` a line, the last of them the CRC-32C of those before.
/// The article *ReplicaEngine* has its versions.
package enum DirectoryState: Equatable, Sendable {
    /// A replica that is to be a member of a cluster, and is of none yet. It has drawn its incarnation, and never voted.
    case unfounded(ReplicaIdentity)
    /// A replica of a cluster.
    case founded(DirectoryIdentity)

    /// The newest version of the directory's layout that this code writes and reads.
    package static let formatVersion = 2
    /// The version of a replica that began alone.
    private static let versionAlone = 1
    /// A longer file is not an identity: the most members fill four fifths of it.
    static let byteCountMax = 4_096

    package var identity: ReplicaIdentity {
        switch self {
        case .unfounded(let identity): identity
        case .founded(let identity): ReplicaIdentity(replica: identity.replica, incarnation: identity.incarnation)
        }
    }

    /// How its log is read: one of several replicas may fetch from the others what it lacks.
    package var policy: RecoveryPolicy {
        if case .founded(let identity) = self, identity.foundingMembers == nil { return .alone }
        return .cluster
    }

    /// The file's bytes.
    var text: String {
        var version = DirectoryState.formatVersion
        var cluster = "none"
        var members: [Member] = []
        if case .founded(let identity) = self {
            cluster = "\(identity.cluster.value)"
            members = identity.foundingMembers?.members ?? []
            if members.isEmpty { version = DirectoryState.versionAlone }
        }
        let lines =
            [
                "aviary-directory \(version)", "cluster \(cluster)", "incarnation \(identity.incarnation.value)",
                "replica \(identity.replica.rawValue)",
            ] + members.map(DirectoryState.line)
        let body = lines.map { $0 + "\n" }.joined()
        return body + "crc32c \(DirectoryState.checksum(body))\n"
    }

    /// Reads what `text` writes, of every version up to this one.
    ///
    /// - Parameter file: the file's name, for the text of an error.
    init(_ text: String, file: String) throws(EngineError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let version = lines.first.flatMap { DirectoryState.value("aviary-directory", $0) }.flatMap { Int($0) }
        guard let version else {
            throw EngineError(
                .damaged,
                "\(file): not the identity of a data directory: the first line should be \"aviary-directory\" and a "
                    + "version; restore the file from a backup")
        }
        guard version <= DirectoryState.formatVersion else {
            throw EngineError(
                .newerVersion,
                "\(file): the directory has layout version \(version) and this program reads up to "
                    + "\(DirectoryState.formatVersion): use the newer version that made it")
        }
        let body = lines.prefix { !$0.hasPrefix("crc32c ") }
        guard body.count < lines.count, let checksum = DirectoryState.value("crc32c", lines[body.count]),
            let state = DirectoryState(version, Array(body.dropFirst()))
        else {
            throw EngineError(.damaged, "\(file): a line is missing or not readable; restore the file from a backup")
        }
        guard checksum == DirectoryState.checksum(body.map { $0 + "\n" }.joined()) else {
            throw EngineError(
                .damaged,
                "\(file): the checksum in its last line is not that of the lines before it; restore the file from a backup"
            )
        }
        self = state
    }

    // MARK: Lines

    /// From the lines between the first and the checksum; nil if they are not what a version has there.
    private init?(_ version: Int, _ lines: [String]) {
        guard version == DirectoryState.versionAlone || version == DirectoryState.formatVersion else { return nil }
        guard lines.count >= 3, let cluster = DirectoryState.value("cluster", lines[0]),
            let incarnation = DirectoryState.value("incarnation", lines[1]).flatMap({ Identifier128($0) }),
            let replica = DirectoryState.value("replica", lines[2]).flatMap({ UInt8($0) })
        else { return nil }
        let own = ReplicaIdentity(replica: ReplicaID(rawValue: replica), incarnation: Incarnation(incarnation))
        if version == DirectoryState.formatVersion, cluster == "none" {
            guard lines.count == 3 else { return nil }
            self = .unfounded(own)
            return
        }
        guard let cluster = Identifier128(cluster) else { return nil }
        var members: Membership?
        if version == DirectoryState.versionAlone {
            guard lines.count == 3 else { return nil }
        } else {
            let read = lines.dropFirst(3).compactMap(DirectoryState.member)
            members = Membership(read)
            guard members != nil, read.count == lines.count - 3 else { return nil }
        }
        self = .founded(
            DirectoryIdentity(
                cluster: ClusterID(cluster), incarnation: own.incarnation, replica: own.replica,
                foundingMembers: members))
    }

    /// `member 2 voter 00…`
    private static func line(_ member: Member) -> String {
        "member \(member.identity.replica.rawValue) \(member.isVoter ? "voter" : "observer") "
            + "\(member.identity.incarnation.value)"
    }

    private static func member(_ line: String) -> Member? {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4, words[0] == "member", let replica = UInt8(words[1]),
            words[2] == "voter" || words[2] == "observer", let incarnation = Identifier128(String(words[3]))
        else { return nil }
        let identity = ReplicaIdentity(replica: ReplicaID(rawValue: replica), incarnation: Incarnation(incarnation))
        return Member(identity: identity, isVoter: words[2] == "voter")
    }

    private static func value(_ name: String, _ line: String) -> String? {
        guard line.hasPrefix(name + " ") else { return nil }
        return String(line.dropFirst(name.count + 1))
    }

    static func checksum(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let digits = unsafe String(crc32c(bytes.span.bytes), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
