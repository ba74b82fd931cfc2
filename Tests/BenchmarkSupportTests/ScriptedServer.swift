import Glibc

@testable import BenchmarkSupport

/// A server for one connection that answers each request with the bytes that a script gives for it.
final class ScriptedServer {
    let address: ServerAddress
    private let thread: WorkerThread

    /// - Parameter reply: the whole reply frame for the n-th request (from 1), given its xid; nil closes the connection.
    init(_ reply: @escaping (_ number: Int, _ xid: Int32) -> [UInt8]?) throws {
        let (listener, port) = try Listener.open(port: 0)
        address = ServerAddress(host: "127.0.0.1", port: port)
        thread = try WorkerThread {
            defer { close(listener) }
            let socket = Socket(adopting: accept(listener, nil, nil))
            guard (try? socket.receiveFrame()) != nil else { return }
            var grant = FrameBuilder()
            grant.append(0 as Int32)
            grant.append(40_000 as Int32)
            grant.append(5 as Int64)
            grant.append(buffer: [UInt8](repeating: 0, count: 16))
            grant.append(0 as UInt8)
            try? socket.sendAll(grant.finished())
            var number = 0
            while let frame = try? socket.receiveFrame() {
                let xid = frame[0..<4].reduce(0 as Int32) { $0 << 8 | Int32($1) }
                let isClose = frame[4] == 0xff
                number += 1
                guard let bytes = isClose ? Self.reply(xid: xid) : reply(number, xid) else { return }
                try? socket.sendAll(bytes)
            }
        }
    }

    func finish() { thread.join() }

    static func reply(xid: Int32, zxid: Int64 = 1, error: Int32 = 0, body: [UInt8] = []) -> [UInt8] {
        var frame = FrameBuilder()
        frame.append(xid)
        frame.append(zxid)
        frame.append(error)
        for byte in body { frame.append(byte) }
        return frame.finished()
    }

    /// The body of a get's reply: the value of a key, and a Stat of zeros.
    static func value(key: Int, byteCount: Int) -> [UInt8] {
        var value = LoadPlan.value(byteCount: byteCount)
        value.replaceSubrange(0..<8, with: String(key + 100_000_000).utf8.dropFirst())
        return [0, 0, UInt8(byteCount >> 8), UInt8(byteCount & 255)] + value + [UInt8](repeating: 0, count: 68)
    }
}
