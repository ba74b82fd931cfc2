import CoreTypes
import Jute
import Logging
import NIOCore
import ReplicaEngine
import ZooKeeperWire

/// From bytes to requests.
extension ClientConnection {
    /// True while no more requests may be taken: reading stops, and the client's own kernel holds it back.
    var mustWait: Bool {
        switch machine.phase {
        case .awaitingConnect: return false
        case .connecting, .closing, .closed: return true
        case .served: break
        }
        let outstanding = machine.outstandingCount
        if outstanding == 0 { return isBehindInReading }
        return outstanding >= server.configuration.outstandingRequestsPerConnectionMax || server.isCongested
            || isBehindInReading
    }

    /// True while the client leaves replies unread: it may not ask for more.
    private var isBehindInReading: Bool { context?.channel.isWritable == false }

    /// Reads on, if that was held back and need be no longer.
    func resumeReading() {
        guard isReadHeld, !mustWait else { return }
        isReadHeld = false
        context?.read()
    }

    /// Takes the requests that waited unread.
    func consumeUnread() {
        // Taken out, so that nothing that happens on the way sees a buffer in use.
        var bytes = unread
        unread = ByteBuffer()
        consume(&bytes)
        guard bytes.readableBytes > 0, machine.phase != .closed else { return }
        if bytes.readerIndex > 1 << 16 { bytes.discardReadBytes() }
        unread = bytes
    }

    /// Takes every whole frame that may be taken, and leaves the rest.
    func consume(_ buffer: inout ByteBuffer) {
        let consumed = buffer.withUnsafeReadableBytes { bytes in takeFrames(RawSpan(_unsafeBytes: bytes)) }
        buffer.moveReaderIndex(forwardBy: consumed)
        if isMarked || machine.isFinished { server.mark(self) }
    }

    /// - Returns: how many bytes were used up; all of them if the connection is ending.
    private func takeFrames(_ bytes: RawSpan) -> Int {
        var offset = 0
        var hasTaken = false
        if !isRecognised {
            guard bytes.byteCount >= FrameLength.byteCount else { return 0 }
            switch recognise(bytes) {
            case .frames: break
            case .needsMore: return 0
            case .answered: return bytes.byteCount
            }
        }
        while bytes.byteCount - offset >= FrameLength.byteCount {
            switch machine.phase {
            case .awaitingConnect, .served: break
            case .connecting: return offset
            case .closing, .closed: return bytes.byteCount
            }
            let length = Int32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self))
            guard case .body(let count) = FrameLength(length, byteCountMax: server.configuration.frameByteCountMax)
            else {
                refuse(length: length)
                return bytes.byteCount
            }
            let start = offset + FrameLength.byteCount
            guard bytes.byteCount - start >= count else { break }
            offset = start + count
            take(frame: bytes.extracting(start..<offset))
            hasTaken = true
        }
        if hasTaken { server.heard(from: machine.session, attachment) }
        return offset
    }

    private func refuse(length: Int32) {
        cutOff(
            length < 0
                ? "a frame of negative length \(length)"
                : "a frame of \(length) bytes, more than jute.maxbuffer (\(server.configuration.frameByteCountMax)) allows"
        )
    }

    private func take(frame: RawSpan) {
        statistics.received += 1
        server.statistics.received += 1
        if machine.phase == .awaitingConnect { return connect(frame) }
        var reader = JuteReader(frame)
        guard let header = try? RequestHeader(from: &reader) else {
            return cutOff("a frame of \(frame.byteCount) bytes, too short for a request")
        }
        take(header, body: frame.extracting(RequestHeader.byteCount..<frame.byteCount))
    }

    private func take(_ header: RequestHeader, body: RawSpan) {
        let action =
            header.operation == .auth
            ? authenticate(header, body: body) : machine.received(header, at: server.now)
        switch action {
        case .submit(let sequence, let followsWaiting):
            if followsWaiting, server.engine.batchNumber == lastBatchNumber { server.engine.endBatch() }
            submit(header, sequence: sequence, body: body)
            lastBatchNumber = server.engine.batchNumber
        case .execute:
            execute(header.operation, xid: header.xid, body: body, receivedAt: server.now)
        case .keep:
            kept.append(body)
        case .barrier(let token):
            kept.append(body)
            server.noteInput()
            lastBatchNumber = server.engine.batchNumber
            server.engine.barrier(attachment, token: token)
        case .fail(let error):
            fail(header.operation, xid: header.xid, error: error, receivedAt: server.now)
        case .wait, .ignore:
            break
        }
    }

    private func submit(_ header: RequestHeader, sequence: UInt64, body: RawSpan) {
        let result = server.engine.submit(
            kind: header.operation.rawValue, session: machine.session, attachment: attachment, sequence: sequence,
            identities: identities.encoded.bytes, body: body)
        server.noteInput()
        switch result {
        case .accepted:
            server.outstandingCount += 1
        case .diskFull:
            if case .fail(let error) = machine.submitRefused(with: .systemError) {
                fail(header.operation, xid: header.xid, error: error, receivedAt: server.now)
            }
            server.noteDiskFull()
        case .stopped:
            cutOff("the replica stopped")
        }
    }

    // MARK: The first frame

    private func connect(_ frame: RawSpan) {
        var reader = JuteReader(frame)
        guard let request = try? ConnectRequest(from: &reader) else {
            return cutOff("a first frame of \(frame.byteCount) bytes that is no connect request")
        }
        server.statistics.connectRequests += 1
        var random = SystemRandomNumberGenerator()
        let action = machine.received(
            connect: request, newPassword: SessionPassword(using: &random),
            appliedZxid: server.engine.isClustered ? .max : server.appliedZxid, timeoutBounds: server.timeoutBounds)
        switch action {
        case .open(let timeout):
            server.open(self, password: machine.password, timeoutMilliseconds: timeout)
        case .attach(let session, let password, let timeout):
            server.attach(self, to: session, password: password, timeoutMilliseconds: timeout)
        case .refuse(let response):
            answer(connect: response)
        case .closeBehind:
            server.logger.info(
                "client has seen a later state and must look for another server",
                metadata: [
                    "client": "\(endpoint)", "seen": "\(request.lastZxidSeen)", "applied": "\(server.appliedZxid)",
                ])
            closeChannel()
        }
    }

    // MARK: Identities

    private func authenticate(_ header: RequestHeader, body: RawSpan) -> ConnectionStateMachine.RequestAction {
        var reader = JuteReader(body)
        guard let packet = try? AuthPacket(from: &reader) else {
            cutOff("an auth packet that ends too early")
            return .ignore
        }
        let scheme = [UInt8](copying: packet.scheme)
        let isProven = server.authenticator.prove(
            scheme: scheme, credentials: [UInt8](copying: packet.credentials), to: &identities)
        if !isProven { server.noteFailedAuthentication(self, scheme: scheme) }
        return machine.receivedAuth(header, isProven: isProven, at: server.now)
    }
}
