internal import CBenchmark
import Glibc

/// The bare server whose speed is the floor of this machine: it parses ZooKeeper's framing, makes writes durable in
/// groups on a second thread, answers constants, and does nothing else. No tree, no sessions, no consensus, no checks.
///
/// Whatever a real server costs above it is that server's own doing. Reads are answered at once, or behind the writes
/// of the same connection that came before them. It runs until its process ends.
package struct FloorServer: ~Copyable {
    private static let listenerToken = UInt32.max
    private static let logToken = UInt32.max - 1
    private static let inboundCapacity = 1 << 18

    private let listener: Int32
    private let poll: Int32
    private let log: FloorLog
    private let inbound: UnsafeMutableRawPointer
    private let value: [UInt8]
    private var connections: [UnsafeMutablePointer<FloorConnection>] = []
    /// Connections with replies that wait for a group.
    private var waiting: [UnsafeMutablePointer<FloorConnection>] = []
    /// The number of the group that is being filled; the one before it is with the log's thread, or durable.
    private var group: UInt64 = 1
    /// The port it listens on, of 127.0.0.1.
    package let port: UInt16

    /// - Parameter directory: where the log's file of `logByteCount` bytes is made; it should be on a real disk.
    package init(
        directory: String, port: UInt16 = 0, valueByteCount: Int = 100, logByteCount: Int = FloorLog.fileByteCount
    ) throws {
        let log = try FloorLog(path: directory + "/floor-log", fileByteCount: logByteCount)
        let (listener, port) = try Listener.open(port: port)
        Socket.setNonblocking(listener)
        let poll = benchmark_poll_create()
        _ = benchmark_poll_watch(poll, listener, Self.listenerToken, UInt32(BENCHMARK_POLL_READABLE), 1)
        _ = benchmark_poll_watch(poll, log.done, Self.logToken, UInt32(BENCHMARK_POLL_READABLE), 1)
        self.log = log
        self.listener = listener
        self.port = port
        self.poll = poll
        inbound = .allocate(byteCount: Self.inboundCapacity, alignment: 64)
        value = LoadPlan.value(byteCount: valueByteCount)
    }

    /// Serves until `stop` is raised (noticed within a tenth of a second) or the log fails.
    package mutating func run(stop: StopFlag? = nil) throws {
        let log = self.log
        let thread = try WorkerThread { log.run() }
        defer {
            log.stop()
            thread.join()
            for connection in connections { drop(connection) }
            close(listener)
            close(poll)
        }
        let events = UnsafeMutablePointer<benchmark_poll_event>.allocate(capacity: 256)
        defer { events.deallocate() }
        while stop?.isRaised != true {
            let count = benchmark_poll_wait(poll, events, 256, stop == nil ? -1 : 100)
            for index in 0..<max(0, Int(count)) {
                let token = events[index].token
                if token == Self.listenerToken {
                    acceptAll()
                } else if token == Self.logToken {
                    try complete()
                } else if connections[Int(token)].pointee.isClosing == false {
                    try receive(connections[Int(token)])
                }
            }
            handOver()
        }
    }

    private mutating func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            Socket.setNonblocking(descriptor)
            Socket.disableDelay(descriptor)
            let connection = UnsafeMutablePointer<FloorConnection>.allocate(capacity: 1)
            connection.initialize(to: FloorConnection(descriptor: descriptor))
            _ = benchmark_poll_watch(poll, descriptor, UInt32(connections.count), UInt32(BENCHMARK_POLL_READABLE), 1)
            connections.append(connection)
        }
    }

    /// Answers what the group with the thread was waited for.
    private mutating func complete() throws {
        var count: UInt64 = 0
        read(log.done, &count, 8)
        guard try log.takeCompletion() else { return }
        let durable = group - 1
        var kept = 0
        for index in waiting.indices {
            let connection = waiting[index]
            connection.pointee.release(upTo: durable)
            if !connection.pointee.flush() { drop(connection) }
            if connection.pointee.olderGroup != 0 {
                waiting[kept] = connection
                kept += 1
            }
        }
        waiting.removeLast(waiting.count - kept)
    }

    private mutating func handOver() {
        guard !log.isWriting, log.filledByteCount > 0 else { return }
        log.hand()
        group += 1
    }

    private mutating func receive(_ connection: UnsafeMutablePointer<FloorConnection>) throws {
        let kept = connection.pointee.partialCount
        if kept > 0 { inbound.copyMemory(from: connection.pointee.partial, byteCount: kept) }
        connection.pointee.partialCount = 0
        let got = recv(connection.pointee.descriptor, inbound + kept, Self.inboundCapacity - kept, 0)
        guard got > 0 else {
            if got == 0 || (errno != EAGAIN && errno != EINTR) {
                drop(connection)
            } else {
                connection.pointee.keepPartial(inbound, kept)
            }
            return
        }
        let total = kept + got
        var offset = 0
        while total - offset >= 4 {
            let length = Int(ReplyLayout.int32(inbound + offset, 0))
            guard length >= 8, length < Self.inboundCapacity else { return drop(connection) }
            guard total - offset >= 4 + length else { break }
            try answer(inbound + offset, 4 + length, connection)
            offset += 4 + length
        }
        if offset < total { connection.pointee.keepPartial(inbound + offset, total - offset) }
        if !connection.pointee.flush() { drop(connection) }
    }

    private func drop(_ connection: UnsafeMutablePointer<FloorConnection>) {
        guard !connection.pointee.isClosing else { return }
        connection.pointee.isClosing = true
        close(connection.pointee.descriptor)
    }

    /// Puts a write into the group and makes its connection wait for it.
    private mutating func log(
        _ frame: UnsafeRawPointer, _ byteCount: Int, _ connection: UnsafeMutablePointer<FloorConnection>
    ) throws {
        while true {
            if let place = log.reserve(byteCount) {
                place.copyMemory(from: frame, byteCount: byteCount)
                break
            }
            guard !log.isWriting else {
                // The group is full before the one ahead of it is durable: wait for the disk.
                var count = benchmark_poll_event()
                let only = benchmark_poll_create()
                _ = benchmark_poll_watch(only, log.done, 0, UInt32(BENCHMARK_POLL_READABLE), 1)
                _ = benchmark_poll_wait(only, &count, 1, -1)
                close(only)
                try complete()
                continue
            }
            handOver()
        }
        if connection.pointee.olderGroup == 0 { waiting.append(connection) }
        connection.pointee.hold(until: group)
    }

    /// Appends the constant answer to one request.
    private mutating func answer(
        _ frame: UnsafeMutableRawPointer, _ byteCount: Int, _ connection: UnsafeMutablePointer<FloorConnection>
    ) throws {
        guard connection.pointee.hasSession else {
            connection.pointee.hasSession = true
            let body = connection.pointee.appendReply(41)
            memset(body, 0, 41)
            body.storeBytes(of: Int32(37).bigEndian, as: Int32.self)
            (body + 8).storeBytes(of: Int32(40_000).bigEndian, as: Int32.self)
            (body + 12).storeBytes(of: Int64(1).bigEndian, as: Int64.self)
            (body + 20).storeBytes(of: Int32(16).bigEndian, as: Int32.self)
            return
        }
        let operation = Operation(rawValue: ReplyLayout.int32(frame, 8))
        if operation?.isWrite == true { try log(frame, byteCount, connection) }
        let pathByteCount = operation == .create ? Int(ReplyLayout.int32(frame, 12)) : 0
        let bodyByteCount =
            switch operation {
            case .set, .exists: ReplyLayout.statByteCount
            case .get: 4 + value.count + ReplyLayout.statByteCount
            case .create: 4 + min(pathByteCount, byteCount - 16)
            case .delete, nil: 0
            }
        let reply = connection.pointee.appendReply(ReplyLayout.bodyOffset + bodyByteCount)
        memset(reply, 0, ReplyLayout.bodyOffset + bodyByteCount)
        reply.storeBytes(of: Int32(16 + bodyByteCount).bigEndian, as: Int32.self)
        reply.storeBytes(of: ReplyLayout.int32(frame, 4).bigEndian, toByteOffset: 4, as: Int32.self)
        let body = reply + ReplyLayout.bodyOffset
        if operation == .get {
            body.storeBytes(of: Int32(value.count).bigEndian, as: Int32.self)
            value.withUnsafeBytes { bytes in
                if let source = bytes.baseAddress { (body + 4).copyMemory(from: source, byteCount: bytes.count) }
            }
        } else if operation == .create {
            body.copyMemory(from: frame + 12, byteCount: bodyByteCount)
        }
    }
}
