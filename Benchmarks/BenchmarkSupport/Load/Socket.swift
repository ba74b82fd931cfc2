import Glibc

/// A blocking TCP socket with its Nagle delay off; closed when it is dropped.
struct Socket: ~Copyable {
    let descriptor: Int32

    init(adopting descriptor: Int32) { self.descriptor = descriptor }

    /// Connects; a refused connection is thrown at once.
    init(connectingTo address: ServerAddress) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchmarkError.system("socket", "\(address)") }
        var target: sockaddr_in
        do { target = try address.socketAddress() } catch {
            Glibc.close(descriptor)
            throw error
        }
        let connected = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw BenchmarkError.system("connect to", "\(address)", code: code)
        }
        self.descriptor = descriptor
        Self.disableDelay(descriptor)
    }

    deinit { close(descriptor) }

    /// Gives the descriptor away; it is not closed by this value any more.
    consuming func release() -> Int32 {
        let kept = descriptor
        discard self
        return kept
    }

    static func disableDelay(_ descriptor: Int32) {
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    static func setNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL, 0) | O_NONBLOCK)
    }

    func setTimeout(milliseconds: Int) {
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: (milliseconds % 1000) * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    func sendAll(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress.map { $0 + offset }, bytes.count - offset,
                    Int32(MSG_NOSIGNAL))
            }
            if sent < 0 && errno == EINTR { continue }
            guard sent > 0 else { throw BenchmarkError.system("send", "\(bytes.count) bytes") }
            offset += sent
        }
    }

    /// Receives exactly `count` bytes.
    func receive(exactly count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var offset = 0
        while offset < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                recv(descriptor, buffer.baseAddress.map { $0 + offset }, count - offset, 0)
            }
            if got < 0 && errno == EINTR { continue }
            guard got != 0 else { throw BenchmarkError("the server closed the connection") }
            guard got > 0 else { throw BenchmarkError.system("receive", "\(count) bytes") }
            offset += got
        }
        return bytes
    }

    /// Receives until the peer closes.
    func receiveToEnd(limit: Int = 1 << 20) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16384)
        while bytes.count < limit {
            let got = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw BenchmarkError.system("receive", "an answer") }
            if got == 0 { break }
            bytes.append(contentsOf: chunk[0..<got])
        }
        return bytes
    }

    /// The body of the next frame.
    func receiveFrame() throws -> [UInt8] {
        let length = try receive(exactly: 4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= ReplyLayout.frameByteCountMax else {
            throw BenchmarkError("the server announced a frame of \(length) bytes: this is not ZooKeeper's protocol")
        }
        return try receive(exactly: length)
    }
}
