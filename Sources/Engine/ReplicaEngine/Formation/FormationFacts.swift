package import CoreTypes

/// What a replica tells a peer of itself before the two know that they belong to one cluster.
///
/// Who says it is not part of it: that was proven when the connection was made. Little-endian bytes:
///
/// ```
/// u8  version (1)
/// u8  voters
/// voters times:
///   u8  replica
/// the rest: the founding record, nothing if there is none
/// ```
package struct FormationFacts: Hashable, Sendable {
    /// The voters that its configuration names, rising.
    package var configuredVoters: [ReplicaID]
    /// The cluster it belongs to; nil while it belongs to none. Always durable where it was sent.
    package var founding: FoundingRecord?

    private static let version: UInt8 = 1

    package init(configuredVoters: [ReplicaID], founding: FoundingRecord?) {
        self.configuredVoters = configuredVoters
        self.founding = founding
    }

    /// The bytes that `init(_:)` reads.
    package var bytes: [UInt8] {
        invariant(configuredVoters.count <= UInt8.max, "\(configuredVoters.count) voters")
        return [FormationFacts.version, UInt8(configuredVoters.count)] + configuredVoters.map(\.rawValue)
            + (founding?.bytes ?? [])
    }

    /// Reads what `bytes` gives.
    ///
    /// - Throws: `FormationDecodingError` for any other bytes.
    package init(_ bytes: [UInt8]) throws(FormationDecodingError) {
        guard bytes.count >= 2, bytes[0] == FormationFacts.version else { throw FormationDecodingError() }
        let count = Int(bytes[1])
        guard bytes.count >= 2 + count else { throw FormationDecodingError() }
        let voters = bytes[2..<(2 + count)].map { ReplicaID(rawValue: $0) }
        guard zip(voters, voters.dropFirst()).allSatisfy({ $0 < $1 }) else { throw FormationDecodingError() }
        let rest = Array(bytes[(2 + count)...])
        self.init(configuredVoters: voters, founding: rest.isEmpty ? nil : try FoundingRecord(rest))
    }
}
