/// The frames that begin and end a session, and the words of four letters.
enum SessionFrames {
    static let closeOperation: Int32 = -11

    /// A request for a new session.
    static func connect(timeoutMilliseconds: Int32) -> [UInt8] {
        var frame = FrameBuilder()
        frame.append(0 as Int32)
        frame.append(0 as Int64)
        frame.append(timeoutMilliseconds)
        frame.append(0 as Int64)
        frame.append(buffer: [UInt8](repeating: 0, count: 16))
        frame.append(0 as UInt8)
        return frame.finished()
    }

    static func close(xid: Int32) -> [UInt8] {
        FrameBuilder(operation: closeOperation, xid: xid).finished()
    }

    /// A request that is sent once and not preformatted.
    static func request(_ operation: Operation, xid: Int32, path: String, value: [UInt8] = []) -> [UInt8] {
        var frame = FrameBuilder(operation: operation.rawValue, xid: xid)
        frame.append(buffer: Array(path.utf8))
        switch operation {
        case .create:
            frame.append(buffer: value)
            frame.appendOpenAccessList()
            frame.append(0 as Int32)
        case .set:
            frame.append(buffer: value)
            frame.append(-1 as Int32)
        case .get, .exists: frame.append(0 as UInt8)
        case .delete: frame.append(-1 as Int32)
        }
        return frame.finished()
    }
}

/// What a server answered to the first frame.
package struct SessionGrant: Sendable, Equatable {
    package var timeoutMilliseconds: Int32
    package var session: Int64

    /// Decodes the body (without its length) of the answer.
    package init(_ body: [UInt8]) throws {
        guard body.count == 36 || body.count == 37 else {
            throw BenchmarkError("the answer to the connect request has \(body.count) bytes, not 36 or 37")
        }
        let (timeout, session) = body.withUnsafeBytes { bytes in
            (
                Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: Int32.self)),
                Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self))
            )
        }
        guard timeout > 0, session != 0 else { throw BenchmarkError("the server refused to open a session") }
        timeoutMilliseconds = timeout
        self.session = session
    }
}
