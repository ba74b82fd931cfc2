internal import CBenchmark
import CoreTypes
import Glibc

extension LoadWorker {
    /// Turns until nothing is in flight any more.
    mutating func loop() throws {
        let events = UnsafeMutablePointer<benchmark_poll_event>.allocate(capacity: 256)
        defer { events.deallocate() }
        while openCount > 0 {
            let count = benchmark_poll_wait(poll, events, 256, 1000)
            if count < 0 && errno != EINTR { throw BenchmarkError.system("epoll_wait", "") }
            if count <= 0 { try checkForStall() }
            for index in 0..<max(0, Int(count)) {
                let connection = connections + Int(events[index].token)
                let flags = events[index].flags
                if connection.pointee.isClosed { continue }
                if flags & UInt32(BENCHMARK_POLL_WRITABLE) != 0 { try flush(connection) }
                if flags & ~UInt32(BENCHMARK_POLL_WRITABLE) != 0 { try receive(connection) }
            }
            if result.wasDisconnected { return }
        }
    }

    private func checkForStall() throws {
        let silence = (monotonicNanoseconds() &- lastReplyAt) / 1_000_000_000
        guard silence >= plan.stallSeconds else { return }
        var inFlight = 0
        for index in 0..<connectionCount { inFlight += Int(connections[index].inFlightCount) }
        throw LoadStall(seconds: silence, inFlightCount: inFlight)
    }

    /// Takes what has arrived, checks it, and sends as many new requests as replies came.
    private mutating func receive(_ connection: UnsafeMutablePointer<LoadConnection>) throws {
        let kept = connection.pointee.partialCount
        if kept > 0 { inbound.copyMemory(from: connection.pointee.partial, byteCount: kept) }
        connection.pointee.partialCount = 0
        let got = recv(connection.pointee.descriptor, inbound + kept, inboundCapacity - kept, 0)
        guard got > 0 else {
            if got < 0 && (errno == EAGAIN || errno == EINTR) {
                connection.pointee.keepPartial(inbound, kept)
                return
            }
            return try disconnected(connection, code: got == 0 ? 0 : errno)
        }
        let now = monotonicNanoseconds()
        let total = kept + got
        var offset = 0
        var replyCount = 0
        while total - offset >= ReplyLayout.lengthByteCount {
            let length = Int(ReplyLayout.int32(inbound + offset, 0))
            if length < 16 || length > inboundCapacity - ReplyLayout.lengthByteCount {
                throw wrongLength(connection, length)
            }
            guard total - offset >= ReplyLayout.lengthByteCount + length else { break }
            if ReplyLayout.int32(inbound + offset, ReplyLayout.xidOffset) >= 0 {
                try accept(inbound + offset, length + ReplyLayout.lengthByteCount, connection, now)
                replyCount += 1
            }
            offset += ReplyLayout.lengthByteCount + length
        }
        if offset < total { connection.pointee.keepPartial(inbound + offset, total - offset) }
        guard replyCount > 0 else { return }
        lastReplyAt = now
        if now < deadline {
            count(replyCount, at: now)
            if stop?.isRaised != true { try send(connection, replyCount) }
        }
        if connection.pointee.inFlightCount == 0 { openCount -= 1 }
    }

    private mutating func count(_ replyCount: Int, at now: UInt64) {
        result.completedCount &+= UInt64(replyCount)
        let tenth = Int((now &- startedAt) / 100_000_000)
        while result.tenths.count <= tenth { result.tenths.append(0) }
        result.tenths[tenth] &+= UInt64(replyCount)
    }

    /// Sends up to `wanted` requests with one system call.
    mutating func send(_ connection: UnsafeMutablePointer<LoadConnection>, _ wanted: Int) throws {
        var byteCount = 0
        let firstXid = connection.pointee.nextXid
        for _ in 0..<wanted {
            let taken = compose(connection, at: outbound + byteCount)
            if taken == 0 { break }
            byteCount += taken
        }
        guard byteCount > 0 else { return }
        let now = monotonicNanoseconds()
        var xid = firstXid
        while xid != connection.pointee.nextXid {
            connection.pointee.ring[Int(xid & connection.pointee.ringMask)].sentAt = now
            xid &+= 1
        }
        if connection.pointee.unsentCount > 0 {
            connection.pointee.keepUnsent(outbound, byteCount)
            return
        }
        let sent = Glibc.send(connection.pointee.descriptor, outbound, byteCount, Int32(MSG_NOSIGNAL))
        if sent == byteCount { return }
        if sent < 0 && errno != EAGAIN && errno != EINTR { return try disconnected(connection, code: errno) }
        let taken = max(0, sent)
        connection.pointee.keepUnsent(outbound + taken, byteCount - taken)
        watch(connection, forWriting: true)
    }

    /// Writes the next request of a connection; returns its size, or 0 when there is none left.
    @inline(__always)
    private mutating func compose(
        _ connection: UnsafeMutablePointer<LoadConnection>, at target: UnsafeMutableRawPointer
    ) -> Int {
        var template = 0
        var key: UInt32
        var directory: UInt32
        if plan.isUniform {
            let random = generator.next()
            template = UInt32(truncatingIfNeeded: random) < plan.readThreshold ? 0 : 1
            key = UInt32(truncatingIfNeeded: ((random >> 32) &* UInt64(plan.keySpace.keyCount)) >> 32)
            directory = key / UInt32(KeySpace.directoryKeyCount)
        } else {
            let next = connection.pointee.nextKey
            guard next < connection.pointee.keyEnd else { return 0 }
            key = UInt32(truncatingIfNeeded: next)
            connection.pointee.nextKey = next + plan.keyStride
            directory = plan.hasOwnDirectories ? connection.pointee.index : key / UInt32(KeySpace.directoryKeyCount)
        }
        let xid = connection.pointee.nextXid
        connection.pointee.nextXid = xid &+ 1
        connection.pointee.ring[Int(xid & connection.pointee.ringMask)] = RequestInFlight(
            sentAt: 0, key: key, directory: directory, template: template)
        RequestTemplate.write(
            templates[template], xid: Int32(bitPattern: xid), directory: directory, key: key, to: target)
        return templates[template].byteCount
    }

    private func flush(_ connection: UnsafeMutablePointer<LoadConnection>) throws {
        let count = connection.pointee.unsentCount
        guard count > 0 else { return watch(connection, forWriting: false) }
        let sent = Glibc.send(
            connection.pointee.descriptor, connection.pointee.unsent, count, Int32(MSG_NOSIGNAL))
        guard sent > 0 else { return }
        connection.pointee.dropUnsent(sent)
        if connection.pointee.unsentCount == 0 { watch(connection, forWriting: false) }
    }

    private func watch(_ connection: UnsafeMutablePointer<LoadConnection>, forWriting: Bool) {
        let token = UInt32(connection - connections)
        var flags = UInt32(BENCHMARK_POLL_READABLE)
        if forWriting { flags |= UInt32(BENCHMARK_POLL_WRITABLE) }
        _ = benchmark_poll_watch(poll, connection.pointee.descriptor, token, flags, 0)
    }

    @inline(never)
    private mutating func disconnected(_ connection: UnsafeMutablePointer<LoadConnection>, code: Int32) throws {
        result.wasDisconnected = true
        connection.pointee.isClosed = true
        guard plan.toleratesDisconnection else {
            let reason = code == 0 ? "the server closed it" : String(cString: strerror(code))
            throw BenchmarkError(
                "connection \(connection.pointee.index) ended with \(connection.pointee.inFlightCount) requests in"
                    + " flight: \(reason); look at the server's log")
        }
    }

    @inline(never)
    private func wrongLength(_ connection: UnsafeMutablePointer<LoadConnection>, _ length: Int) -> BenchmarkError {
        BenchmarkError(
            "connection \(connection.pointee.index): a reply announces \(length) bytes; the stream is broken")
    }
}
