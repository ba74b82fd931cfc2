internal import Consensus

extension Message {
    /// Bytes of the value that travels with the message.
    var payloadByteCount: UInt32 {
        switch self {
        case .accept(let accept): accept.value.byteCount
        case .learn(let chosen): chosen.value.byteCount
        case .held(_, _, let value): value.byteCount
        case .preVote, .preVoteReply, .prepare, .promise, .reject, .lead, .accepted, .chosen, .heartbeat,
            .heartbeatReply, .fetch, .unavailable, .fetchAccepted, .readIndex, .readIndexReply:
            0
        }
    }
}
