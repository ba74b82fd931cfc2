import Glibc

/// Listening sockets of 127.0.0.1.
enum Listener {
    /// A listening socket and its port, a free one when 0 is asked for. The caller closes it.
    static func open(port: UInt16) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        var address = try ServerAddress(host: "127.0.0.1", port: port).socketAddress()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 1024) == 0
                    && getsockname(descriptor, $0, &length) == 0 ? 0 : errno
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw BenchmarkError.system("listen on", "127.0.0.1:\(port)", code: code)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// So many ports that were free a moment ago, all different.
    static func freePorts(_ count: Int) throws -> [UInt16] {
        let opened = try (0..<count).map { _ in try open(port: 0) }
        for one in opened { close(one.descriptor) }
        return opened.map(\.port)
    }
}
