import PeerWire

/// Why a connection is gone.
enum ConnectionEnd: Equatable {
    /// It did not come to be.
    case refused(Refusal)
    /// The other side closed it, or died.
    case closed
    /// The network or the kernel failed it.
    case failed(String)
    /// A length that no frame has.
    case badLength(Int)
    case badChecksum
    case badBody(PeerWireError)
    /// The peer did not read for too long.
    case queueFull(byteCount: Int)
    /// The peer made a newer one.
    case replaced
    /// This side wants it so.
    case dropped(String)
    case stopped

    /// One word for those that are alike, for the log.
    var kind: String {
        switch self {
        case .refused(let refusal): refusal.kind
        case .closed: "closed"
        case .failed: "failed"
        case .badLength: "bad length"
        case .badChecksum: "bad checksum"
        case .badBody: "bad body"
        case .queueFull: "queue full"
        case .replaced: "replaced"
        case .dropped: "dropped"
        case .stopped: "stopped"
        }
    }

    /// Nobody but a broken replica or network, or no replica, sends such bytes.
    var isFault: Bool {
        switch self {
        case .badLength, .badChecksum, .badBody: true
        case .refused, .closed, .failed, .queueFull, .replaced, .dropped, .stopped: false
        }
    }
}

extension ConnectionEnd: CustomStringConvertible {
    var description: String {
        switch self {
        case .refused(let refusal): "\(refusal)"
        case .closed: "the other side closed it"
        case .failed(let reason): reason
        case .badLength(let byteCount): "a frame of \(byteCount) bytes cannot be"
        case .badChecksum: "the checksum of a frame does not match"
        case .badBody(let error): "a message is malformed: \(error)"
        case .queueFull(let byteCount): "\(byteCount) bytes wait to be sent: the other side does not read"
        case .replaced: "the peer made a newer one"
        case .dropped(let reason): reason
        case .stopped: "the transport stops"
        }
    }
}
