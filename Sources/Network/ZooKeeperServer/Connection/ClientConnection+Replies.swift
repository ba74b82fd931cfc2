import CoreTypes
import Jute
import Logging
import NIOCore
import ReplicaEngine
import ZnodeTree
import ZooKeeperWire

/// From results to bytes.
extension ClientConnection {
    /// Adds a reply to what leaves with this turn.
    func reply(
        _ operation: OpCode, xid: Int32, zxid: Int64, error: ErrorCode = .ok, body: RawSpan, receivedAt: Int64
    ) {
        // A ping is answered with the xid of pings, whatever it came with.
        let answeredXid = operation == .ping ? SpecialXid.ping : xid
        output.writeReply(xid: answeredXid, zxid: zxid, error: error, body: body)
        statistics.lastOperation = operation
        statistics.lastXid = xid
        statistics.lastZxid = zxid
        statistics.sent += 1
        server.noteReply(self, isWrite: RequestKind(operation) == .write, receivedAt: receivedAt)
        server.mark(self)
    }

    /// A reply that has no body; `ok` for what succeeded and has none.
    func fail(_ operation: OpCode, xid: Int32, error: ErrorCode, receivedAt: Int64) {
        let zxid: Int64
        switch (operation, error) {
        case (.auth, _): zxid = 0
        // As ZooKeeper answers what it does not know.
        case (_, .unimplemented) where RequestKind(operation) == .unknown: zxid = -1
        default: zxid = server.appliedZxid
        }
        reply(operation, xid: xid, zxid: zxid, error: error, body: RawSpan(), receivedAt: receivedAt)
    }

    /// The answer to the first frame.
    func answer(connect response: ConnectResponse) {
        let scratch = server.scratch
        scratch.removeAll()
        response.encode(into: scratch)
        output.writeFrame(scratch.bytes)
        statistics.sent += 1
        server.statistics.sent += 1
        server.mark(self)
    }

    // MARK: What the engine says

    /// A command of this connection was applied.
    func applied(_ result: CommandResult, body: RawSpan) {
        guard let request = machine.applied(sequence: result.sequence) else {
            if machine.phase != .closed { cutOff("command \(result.sequence) was answered out of order") }
            return
        }
        reply(
            request.operation, xid: request.xid, zxid: result.zxid.wireValue, error: result.error, body: body,
            receivedAt: request.receivedAt)
        proceed()
    }

    /// Everything accepted before the sync is applied: its path is echoed.
    func reached(token: UInt64) {
        guard let request = machine.reached(token: token) else {
            if machine.phase != .closed { cutOff("a sync was answered out of order") }
            return
        }
        let body = kept.popFirst()
        answer(sync: request, body: body.readableBytesSpan)
        proceed()
    }

    private func answer(sync request: Outstanding, body: RawSpan) {
        var reader = JuteReader(body)
        guard let sync = try? PathRequest(from: &reader, hasWatch: false) else {
            return fail(.sync, xid: request.xid, error: .marshallingError, receivedAt: request.receivedAt)
        }
        let scratch = server.scratch
        scratch.removeAll()
        scratch.append(juteString: sync.path)
        reply(
            .sync, xid: request.xid, zxid: server.appliedZxid, body: scratch.bytes, receivedAt: request.receivedAt)
    }

    /// Answers what had only to wait for its turn, then reads on.
    func proceed() {
        while let request = machine.nextReady() {
            switch request.awaits {
            case .turnToFail(let error):
                fail(request.operation, xid: request.xid, error: error, receivedAt: request.receivedAt)
            case .turn:
                let body = kept.popFirst()
                execute(
                    request.operation, xid: request.xid, body: body.readableBytesSpan,
                    receivedAt: request.receivedAt)
            case .command, .barrier:
                invariantBroken("a request that still waits was named ready", #fileID, #line)
            }
        }
        if isReadHeld { resumeReading() }
    }

    /// The session was opened or attached, or is no longer this connection's.
    func sessionEvent(_ event: SessionEvent) {
        switch event.kind {
        case .opened, .attached:
            guard machine.phase == .connecting else { return }
            answer(
                connect: machine.connected(
                    session: event.session, timeoutMilliseconds: event.timeoutMilliseconds))
            // Requests that came on the heels of the first frame.
            consumeUnread()
            if isReadHeld { resumeReading() }
        case .refused:
            guard machine.phase == .connecting else { return }
            answer(connect: machine.refused())
        case .closed:
            // The reply to closeSession comes after this event; anything else that closed it ends here.
            if machine.phase != .closing { end(because: "the session was closed") }
        case .expired:
            end(because: "the session expired")
        case .moved:
            end(because: "the session moved to another connection")
        }
    }

    private func end(because reason: String) {
        guard machine.phase != .closed else { return }
        server.logger.info(
            "connection ends",
            metadata: ["client": "\(endpoint)", "session": "\(hexadecimal(machine.session))", "reason": "\(reason)"])
        flush()
        closeChannel()
    }

    // MARK: The channel

    /// Writes what gathered; closes the channel if nothing is left to come.
    func flush() {
        guard let context else { return }
        if output.readableBytes > 0 {
            server.statistics.sentByteCount += UInt64(output.readableBytes)
            context.writeAndFlush(wrapOutboundOut(output), promise: nil)
            // What was written at once is ours alone again, and is used again; what is not gets a new one.
            if output.capacity > 1 << 16 { output = ByteBuffer() } else { output.clear() }
            if !context.channel.isWritable { checkUnreadReplies(context) }
        }
        if machine.isFinished { context.close(promise: nil) }
    }

    private func checkUnreadReplies(_ context: ChannelHandlerContext) {
        let options = context.channel.syncOptions
        let unreadByteCount = (try? options?.getOption(.bufferedWritableBytes)) ?? 0
        if unreadByteCount > server.configuration.unreadReplyByteCountMax {
            cutOff("\(unreadByteCount) bytes of replies were left unread")
        }
    }
}
