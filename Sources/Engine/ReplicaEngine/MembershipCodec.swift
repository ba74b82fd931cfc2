internal import Consensus
internal import CoreTypes

/// The membership as the log restates it in every segment, little-endian:
///
/// ```
/// u8  version (1)
/// u8  members
/// members times:
///   u8  replica
///   u8  1 if it votes
///   u64 incarnation, high
///   u64 incarnation, low
/// ```
enum MembershipCodec {
    static let version: UInt8 = 1

    static func encode(_ membership: Membership) -> [UInt8] {
        let bytes = ByteBuilder()
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: UInt8(membership.members.count))
        for member in membership.members {
            bytes.append(littleEndian: member.identity.replica.rawValue)
            bytes.append(littleEndian: UInt8(member.isVoter ? 1 : 0))
            bytes.append(littleEndian: member.identity.incarnation.value.high)
            bytes.append(littleEndian: member.identity.incarnation.value.low)
        }
        return unsafe bytes.bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// Reads what `encode` writes; nil for anything else.
    static func decode(_ bytes: [UInt8]) -> Membership? {
        var reader = unsafe ByteReader(bytes.span.bytes)
        var members: [Member] = []
        do throws(ByteReader.EndOfBytes) {
            guard try reader.integer(UInt8.self) == version else { return nil }
            let count = try reader.integer(UInt8.self)
            for _ in 0..<count {
                let replica = ReplicaID(rawValue: try reader.integer())
                let isVoter = try reader.integer(UInt8.self) != 0
                let incarnation = Identifier128(high: try reader.integer(), low: try reader.integer())
                let identity = ReplicaIdentity(replica: replica, incarnation: Incarnation(incarnation))
                members.append(Member(identity: identity, isVoter: isVoter))
            }
        } catch {
            return nil
        }
        return Membership(members)
    }
}
