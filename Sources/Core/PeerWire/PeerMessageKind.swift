internal import Consensus

/// The first byte of a message. Numbers are never used again for another meaning; 0 is none, so that zeros are no
/// message.
enum PeerMessageKind: UInt8, CaseIterable {
    case preVote = 1
    case preVoteReply = 2
    case prepare = 3
    case promise = 4
    case reject = 5
    case lead = 6

    case accept = 16
    case accepted = 17
    case chosen = 18
    case heartbeat = 19
    case heartbeatReply = 20

    case fetch = 32
    case learn = 33
    case unavailable = 34
    case fetchAccepted = 35
    case held = 36

    case readIndex = 48
    case readIndexReply = 49

    case forward = 64
    case touches = 65
    case digest = 66
    case formation = 67
    case fetchSnapshot = 68
    case snapshotPiece = 69
    case admission = 70
}

extension PeerMessageKind {
    init(_ message: PeerMessage) {
        switch message {
        case .consensus(let message): self.init(message)
        case .forward: self = .forward
        case .touches: self = .touches
        case .digest: self = .digest
        case .formation: self = .formation
        case .fetchSnapshot: self = .fetchSnapshot
        case .snapshotPiece: self = .snapshotPiece
        case .admission: self = .admission
        }
    }

    init(_ message: Message) {
        switch message {
        case .preVote: self = .preVote
        case .preVoteReply: self = .preVoteReply
        case .prepare: self = .prepare
        case .promise: self = .promise
        case .reject: self = .reject
        case .lead: self = .lead
        case .accept: self = .accept
        case .accepted: self = .accepted
        case .chosen: self = .chosen
        case .heartbeat: self = .heartbeat
        case .heartbeatReply: self = .heartbeatReply
        case .fetch: self = .fetch
        case .learn: self = .learn
        case .unavailable: self = .unavailable
        case .fetchAccepted: self = .fetchAccepted
        case .held: self = .held
        case .readIndex: self = .readIndex
        case .readIndexReply: self = .readIndexReply
        }
    }
}
