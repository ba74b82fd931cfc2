package import Consensus
package import CoreTypes

/// What a replica tells of itself to each one that it connects with.
package struct PeerFacts: Hashable, Sendable {
    /// Nil: not founded yet.
    package var cluster: Identifier128?
    package var identity: ReplicaIdentity
    /// The founding record, opaque here; empty if there is none.
    package var membership: [UInt8]
    /// The voters that its configuration names.
    package var voters: [ReplicaID]

    package init(cluster: Identifier128?, identity: ReplicaIdentity, membership: [UInt8], voters: [ReplicaID]) {
        self.cluster = cluster
        self.identity = identity
        self.membership = membership
        self.voters = voters
    }
}

/// Little-endian:
///
/// ```
/// u8  replica
/// u64 incarnation, high    u64 incarnation, low
/// u8  1 if it has a cluster
/// u64 cluster, high        u64 cluster, low       0 without one
/// u8  voters, then so many u8
/// u16 bytes of the founding record, then so many
/// ```
extension PeerFacts {
    /// Bytes of the founding record.
    static let membershipByteCountMax = 8_192

    func append(to builder: ByteBuilder) {
        invariant(
            membership.count <= PeerFacts.membershipByteCountMax, "a founding record of \(membership.count) bytes")
        invariant(voters.count <= Membership.memberCountMax, "\(voters.count) voters")
        builder.append(littleEndian: identity.replica.rawValue)
        builder.append(littleEndian: identity.incarnation.value.high)
        builder.append(littleEndian: identity.incarnation.value.low)
        builder.append(littleEndian: UInt8(cluster == nil ? 0 : 1))
        builder.append(littleEndian: cluster?.high ?? 0)
        builder.append(littleEndian: cluster?.low ?? 0)
        builder.append(littleEndian: UInt8(voters.count))
        for voter in voters { builder.append(littleEndian: voter.rawValue) }
        builder.append(littleEndian: UInt16(membership.count))
        builder.append(membership.span.bytes)
    }

    /// Reads what `append` writes; nil for anything else.
    init?(_ bytes: RawSpan) {
        var reader = ByteReader(bytes)
        do throws(ByteReader.EndOfBytes) {
            let replica = ReplicaID(rawValue: try reader.integer())
            let incarnation = Identifier128(high: try reader.integer(), low: try reader.integer())
            let hasCluster = try reader.integer(UInt8.self)
            let cluster = Identifier128(high: try reader.integer(), low: try reader.integer())
            guard replica != .none, hasCluster == 1 || hasCluster == 0 && cluster == .none else { return nil }
            self.cluster = hasCluster == 1 ? cluster : nil
            identity = ReplicaIdentity(replica: replica, incarnation: Incarnation(incarnation))
            let voterCount = Int(try reader.integer(UInt8.self))
            guard voterCount <= Membership.memberCountMax else { return nil }
            voters = []
            for _ in 0..<voterCount { voters.append(ReplicaID(rawValue: try reader.integer())) }
            let byteCount = Int(try reader.integer(UInt16.self))
            guard byteCount <= PeerFacts.membershipByteCountMax else { return nil }
            let record = try reader.bytes(byteCount)
            membership = record.withUnsafeBytes { [UInt8]($0) }
        } catch {
            return nil
        }
        if reader.remaining != 0 { return nil }
    }
}
