import Glibc

/// One session over one blocking socket, one request at a time: for preparing a tree, for looking at it and for the
/// words of four letters. Nothing is measured with it.
package final class SimpleClient {
    private let socket: Socket
    private var xid: Int32 = 0
    package let grant: SessionGrant

    /// Connects and opens a session.
    ///
    /// - Parameter replyMilliseconds: how long any reply is waited for. A server that is starting may accept a
    ///   connection and never answer on it, as ZooKeeper does: whoever waits for one waits briefly and tries again.
    package init(_ address: ServerAddress, replyMilliseconds: Int = 30_000) throws {
        let socket = try Socket(connectingTo: address)
        socket.setTimeout(milliseconds: replyMilliseconds)
        try socket.sendAll(SessionFrames.connect(timeoutMilliseconds: 30_000))
        grant = try SessionGrant(try socket.receiveFrame())
        self.socket = socket
    }

    /// Sends one request and returns its error code and body.
    package func request(_ operation: Operation, path: String, value: [UInt8] = []) throws -> (Int32, [UInt8]) {
        xid += 1
        try socket.sendAll(SessionFrames.request(operation, xid: xid, path: path, value: value))
        let reply = try socket.receiveFrame()
        guard reply.count >= 16 else { throw BenchmarkError("a reply of \(reply.count) bytes has no header") }
        let (answered, code) = reply.withUnsafeBytes { bytes in
            (
                Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: Int32.self)),
                Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: Int32.self))
            )
        }
        guard answered == xid else { throw BenchmarkError("asked with xid \(xid), answered with \(answered)") }
        return (code, Array(reply[16...]))
    }

    /// Creates a znode that may be there already.
    package func ensure(_ path: String) throws {
        let (code, _) = try request(.create, path: path)
        guard code == 0 || code == ErrorNumber.nodeExists else {
            throw BenchmarkError("create \(path): the server answered error \(code)")
        }
    }

    /// Closes the session and waits for the answer.
    package func close() throws {
        xid += 1
        try socket.sendAll(SessionFrames.close(xid: xid))
        _ = try socket.receiveFrame()
    }

    /// Sends a word of four letters on a connection of its own and returns the text of the answer.
    package static func ask(_ address: ServerAddress, word: String) throws -> String {
        let socket = try Socket(connectingTo: address)
        socket.setTimeout(milliseconds: 5000)
        try socket.sendAll(Array(word.utf8))
        return String(decoding: try socket.receiveToEnd(), as: UTF8.self)
    }
}

/// Error codes of ZooKeeper that this tool tells apart.
enum ErrorNumber {
    static let noNode: Int32 = -101
    static let nodeExists: Int32 = -110
}
