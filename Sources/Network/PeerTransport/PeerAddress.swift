package import NIOCore

/// Where a replica listens for the others.
package struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an IP address.
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The address itself, when it is one and not a name.
    var literal: SocketAddress? { try? SocketAddress(ipAddress: host, port: port) }

    /// True when only this machine is meant: 127.0.0.0/8, ::1 or `localhost`.
    package var isLoopback: Bool { literal?.isLoopback ?? (host == "localhost") }
}

extension SocketAddress {
    /// An address of this machine alone.
    package var isLoopback: Bool {
        guard let text = ipAddress else { return false }
        switch self {
        case .v4: return text.hasPrefix("127.")
        case .v6: return text == "::1" || text.hasPrefix("::ffff:127.")
        case .unixDomainSocket: return false
        }
    }
}
