/// Why a transport does not start.
package enum PeerTransportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Replicas that do not share a secret may only talk on one machine.
    case secretNeeded(address: String)
    case secretTooShort(byteCount: Int, least: Int)
    /// The own replica's number is none, or stands among its peers.
    case ownNumber
    case isRunning

    package var description: String {
        switch self {
        case .secretNeeded(let address):
            "\(address) is not a loopback address, and the replicas share no secret: anybody who reaches the port "
                + "could pass for one of them. Give all replicas the same secret file."
        case .secretTooShort(let byteCount, let least):
            "the replicas' secret has \(byteCount) bytes, fewer than \(least)"
        case .ownNumber: "a replica's own number must be 1 to 254, and not that of another replica"
        case .isRunning: "the transport was started before"
        }
    }
}
