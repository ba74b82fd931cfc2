import Glibc

/// Measures one round trip over loopback TCP between two threads that do nothing else: what no server can be below.
package enum LoopbackFloor {
    static let messageByteCount = 128

    package static func measure(nanoseconds: UInt64) throws -> LatencyHistogram {
        let (listener, port) = try Listener.open(port: 0)
        defer { close(listener) }
        let echo = try WorkerThread {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            Socket.disableDelay(descriptor)
            let bytes = UnsafeMutableRawPointer.allocate(byteCount: messageByteCount, alignment: 16)
            while true {
                let got = recv(descriptor, bytes, messageByteCount, 0)
                if got <= 0 || send(descriptor, bytes, got, Int32(MSG_NOSIGNAL)) != got { break }
            }
            bytes.deallocate()
            close(descriptor)
        }
        var histogram = LatencyHistogram()
        do {
            let socket = try Socket(connectingTo: ServerAddress(host: "127.0.0.1", port: port))
            let message = [UInt8](repeating: 7, count: messageByteCount)
            let end = monotonicNanoseconds() + nanoseconds
            var before = monotonicNanoseconds()
            while before < end {
                try socket.sendAll(message)
                _ = try socket.receive(exactly: messageByteCount)
                let after = monotonicNanoseconds()
                histogram.record(after - before)
                before = after
            }
        }
        echo.join()
        return histogram
    }
}
