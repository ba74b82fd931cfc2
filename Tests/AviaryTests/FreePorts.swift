import Aviary
import Glibc

/// Ports of 127.0.0.1 for a cluster over the network.
enum FreePorts {
    /// Runs `body` with ports that were free a moment ago, and again with others if somebody took one meanwhile.
    static func run<Result>(_ count: Int, _ body: ([Int]) async throws -> Result) async throws -> Result {
        for _ in 0..<10 {
            do {
                return try await body(some(count))
            } catch let error as AviaryError where error.message.contains("cannot listen") {}
        }
        return try await body(some(count))
    }

    private static func some(_ count: Int) -> [Int] {
        let sockets = (0..<count).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        defer { for socket in sockets { close(socket) } }
        return sockets.map { socket in
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = bind(socket, $0, length)
                    _ = getsockname(socket, $0, &length)
                }
            }
            return Int(UInt16(bigEndian: address.sin_port))
        }
    }
}
