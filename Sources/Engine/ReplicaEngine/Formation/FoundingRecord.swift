package import Consensus
package import CoreTypes

/// What a first start agreed on: the cluster's name and its first members, each under the incarnation it had then.
///
/// Made by one replica, once, and never changed; every replica of the cluster keeps a copy. Little-endian bytes:
///
/// ```
/// u8  version (1)
/// u64 cluster, high
/// u64 cluster, low
/// the members, as `MembershipCodec` writes them
/// ```
package struct FoundingRecord: Hashable, Sendable {
    package var cluster: ClusterID
    /// A member under `Formation.unknownIncarnation` was not there: it has no vote before it is readmitted.
    package var membership: Membership

    private static let version: UInt8 = 1
    private static let headerByteCount = 17

    package init(cluster: ClusterID, membership: Membership) {
        self.cluster = cluster
        self.membership = membership
    }

    /// The bytes that `init(_:)` reads.
    package var bytes: [UInt8] {
        let builder = ByteBuilder()
        builder.append(littleEndian: FoundingRecord.version)
        builder.append(littleEndian: cluster.value.high)
        builder.append(littleEndian: cluster.value.low)
        return unsafe builder.bytes.withUnsafeBytes { unsafe [UInt8]($0) } + MembershipCodec.encode(membership)
    }

    /// Reads what `bytes` gives, and nothing else: equal records have equal bytes.
    ///
    /// - Throws: `FormationDecodingError` for any other bytes.
    package init(_ bytes: [UInt8]) throws(FormationDecodingError) {
        var reader = unsafe ByteReader(bytes.span.bytes)
        let version: UInt8
        let name: Identifier128
        do throws(ByteReader.EndOfBytes) {
            version = try reader.integer()
            name = Identifier128(high: try reader.integer(), low: try reader.integer())
        } catch {
            throw FormationDecodingError()
        }
        guard version == FoundingRecord.version else { throw FormationDecodingError() }
        let rest = Array(bytes.dropFirst(FoundingRecord.headerByteCount))
        guard let membership = MembershipCodec.decode(rest), MembershipCodec.encode(membership) == rest else {
            throw FormationDecodingError()
        }
        self.init(cluster: ClusterID(name), membership: membership)
    }

    /// The numbers of those who vote, rising.
    package var voters: [ReplicaID] { membership.members.filter(\.isVoter).map(\.identity.replica) }

    /// Whether this very directory is a member, in the incarnation it has.
    package func contains(_ identity: ReplicaIdentity) -> Bool {
        membership.members.contains { $0.identity == identity }
    }
}
