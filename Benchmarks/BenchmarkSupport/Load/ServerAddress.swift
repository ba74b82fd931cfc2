import Glibc

/// A host (IPv4 in dotted form, or `localhost`) and a port.
package struct ServerAddress: Sendable, Equatable, CustomStringConvertible {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, or a bare port of 127.0.0.1.
    package init(parsing text: String) throws {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let host = parts.count == 2 ? String(parts[0]) : "127.0.0.1"
        guard parts.count <= 2, let last = parts.last, let port = UInt16(last), port != 0 else {
            throw BenchmarkError("'\(text)' is not an address: write host:port, for example 127.0.0.1:2181")
        }
        self.init(host: host == "localhost" ? "127.0.0.1" : host, port: port)
        _ = try socketAddress()
    }

    package var description: String { "\(host):\(port)" }

    func socketAddress() throws -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw BenchmarkError("'\(host)' is not an IPv4 address; names are not looked up here")
        }
        return address
    }
}
