import CoreTypes

/// Why a connection did not come to be.
enum Refusal: Equatable {
    /// The first bytes are not those of a replica.
    case foreign
    case version(UInt16, messages: UInt16)
    case tooLong(byteCount: Int)
    case malformed
    /// One side uses a secret and the other does not.
    case secretOnOneSide(here: Bool)
    /// The proof is not that of one who knows the secret and saw the same greetings.
    case badProof
    /// It wants to talk to another replica than the one it got.
    case otherReceiver(ReplicaID)
    /// It is another replica than the one that was dialled.
    case otherSender(ReplicaID)
    /// The configuration does not name it.
    case unknownReplica(ReplicaID)
    /// The higher number dials, and it has the lower one.
    case wrongDirection(ReplicaID)
    case otherCluster(ReplicaID)
    /// The engine does not want it.
    case unwelcome(String)
    /// The other side says so.
    case byPeer(String)
    case tooSlow(milliseconds: Int)
    case crowded
    /// Without a secret only this machine's replicas are taken.
    case notLoopback
    /// It ended before the handshake did.
    case cutShort
    case unreachable(String)

    /// One word for those that are alike, for the log.
    var kind: String {
        switch self {
        case .foreign: "foreign"
        case .version: "version"
        case .tooLong: "too long"
        case .malformed: "malformed"
        case .secretOnOneSide: "secret on one side"
        case .badProof: "bad proof"
        case .otherReceiver: "other receiver"
        case .otherSender: "other sender"
        case .unknownReplica: "unknown replica"
        case .wrongDirection: "wrong direction"
        case .otherCluster: "other cluster"
        case .unwelcome: "unwelcome"
        case .byPeer: "by peer"
        case .tooSlow: "too slow"
        case .crowded: "crowded"
        case .notLoopback: "not loopback"
        case .cutShort: "cut short"
        case .unreachable: "unreachable"
        }
    }

    /// True when the other side is told: when it is a replica at all, and listens.
    var isAnswered: Bool {
        switch self {
        case .foreign, .tooLong, .byPeer, .cutShort, .unreachable, .crowded: false
        case .version, .malformed, .secretOnOneSide, .badProof, .otherReceiver, .otherSender, .unknownReplica,
            .wrongDirection, .otherCluster, .unwelcome, .tooSlow, .notLoopback:
            true
        }
    }
}

extension Refusal: CustomStringConvertible {
    var description: String {
        switch self {
        case .foreign: "its first bytes are not those of a replica"
        case .version(let version, let messages):
            "its version is \(version).\(messages), and this one's is \(Greeting.version).\(Greeting.messagesVersion)"
        case .tooLong(let byteCount): "a greeting of \(byteCount) bytes is too long"
        case .malformed: "its greeting or proof is malformed"
        case .secretOnOneSide(true): "it shares no secret, and this replica does"
        case .secretOnOneSide(false): "it shares a secret, and this replica does not"
        case .badProof: "its secret is another one"
        case .otherReceiver(let replica): "it wants replica \(replica.rawValue), which is not here"
        case .otherSender(let replica): "it is replica \(replica.rawValue), not the one that was dialled"
        case .unknownReplica(let replica): "the configuration does not name replica \(replica.rawValue)"
        case .wrongDirection(let replica):
            "replica \(replica.rawValue) dialled one with a higher number, which should dial it"
        case .otherCluster(let replica): "replica \(replica.rawValue) belongs to another cluster"
        case .unwelcome(let reason): reason
        case .byPeer(let reason): "the other side says: \(reason)"
        case .tooSlow(let milliseconds): "no handshake within \(milliseconds) ms"
        case .crowded: "too many connections have not proved who they are"
        case .notLoopback: "it is not on this machine, and no secret is shared"
        case .cutShort: "it ended before the handshake did"
        case .unreachable(let reason): reason
        }
    }
}
