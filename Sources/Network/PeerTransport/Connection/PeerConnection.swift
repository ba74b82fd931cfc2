import Consensus
import CoreTypes
import NIOCore

/// One connection with another replica: the last handler of its channel, from bytes to bodies and from bodies to bytes.
///
/// Thread: the event loop of the transport.
final class PeerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case handshake
        case established
        case ended
    }

    let transport: PeerTransport
    /// Whom this side dialled; nil when the other side did.
    let target: ReplicaID?
    private(set) var phase = Phase.handshake
    /// What the peer told and proved; nil before.
    var facts: PeerFacts?
    /// True once the channel was connected. Kept by the transport.
    var isOpen = false
    /// True from the delegate's welcome to its being told of the end. Kept by the transport.
    var isReported = false
    /// True while the connection is in the transport's list of those with output.
    var isMarked = false
    /// When output that is kept back leaves by itself; nil if nothing is to.
    var heldUntil: Int64?
    /// When it was welcomed, in nanoseconds of the monotonic clock.
    var establishedAt: Int64 = 0

    var context: ChannelHandlerContext?
    private var handshake: Handshake?
    private var timeout: Scheduled<Void>?
    /// The bytes of what is not whole yet.
    private var unread = ByteBuffer()
    /// What is to be sent and was not given to the channel.
    var output = ByteBuffer()
    /// Bytes that the channel was given last, of which some were left when it said that it can take no more.
    var handedByteCount = 0
    /// When output left last, and how long after the time before, in nanoseconds of the monotonic clock.
    var flushedAt: Int64 = .min / 2
    var flushInterval: Int64 = .max
    /// Nothing leaves while the delegate is asked whether the peer is welcome.
    var isHeld = false
    var sentFrames: UInt64 = 0
    var receivedFrames: UInt64 = 0
    var hasDelivered = false

    init(transport: PeerTransport, target: ReplicaID?) {
        self.transport = transport
        self.target = target
    }

    /// The address of the other side, for the log.
    var endpoint: String {
        guard let address = context?.channel.remoteAddress else { return "unknown" }
        return "\(address.ipAddress ?? "local"):\(address.port ?? 0)"
    }

    // MARK: The channel's calls

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.closed)
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard phase == .handshake, let terms = transport.open(self) else { return }
        let milliseconds = transport.options.handshakeMillisecondsMax
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) {
            self.end(.refused(.tooSlow(milliseconds: milliseconds)))
        }
        var handshake = target.map { Handshake(dialling: $0, terms) } ?? Handshake(accepting: terms)
        takeOutput(of: &handshake)
        self.handshake = handshake
        writeOutput()
    }

    func channelInactive(context: ChannelHandlerContext) { end(.closed) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { end(.failed("\(error)")) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        transport.counters.receivedByteCount += UInt64(incoming.readableBytes)
        if unread.readableBytes == 0 {
            consume(&incoming)
            keep(incoming)
        } else {
            // Taken out, so that nothing that happens on the way sees a buffer in use.
            var bytes = unread
            unread = ByteBuffer()
            bytes.writeBuffer(&incoming)
            consume(&bytes)
            keep(bytes)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard hasDelivered else { return }
        hasDelivered = false
        transport.readComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { writeOutput() }
    }

    // MARK: Bytes in

    private func consume(_ buffer: inout ByteBuffer) {
        while phase == .handshake, buffer.readableBytes > 0 {
            guard takeHandshake(&buffer) else { break }
        }
        guard phase == .established else { return }
        let consumed = buffer.withUnsafeReadableBytes { takeFrames(RawSpan(_unsafeBytes: $0)) }
        buffer.moveReaderIndex(forwardBy: consumed)
    }

    /// Keeps what is not whole yet, with room for what it is the beginning of.
    private func keep(_ rest: ByteBuffer) {
        guard phase != .ended, rest.readableBytes > 0 else { return }
        var rest = rest
        if phase == .established, rest.readableBytes >= FrameHeader.byteCount {
            let whole = rest.withUnsafeReadableBytes { bytes in
                FrameHeader.byteCount + FrameHeader(RawSpan(_unsafeBytes: bytes), at: 0).bodyByteCount
            }
            rest.discardReadBytes()
            rest.reserveCapacity(whole)
        }
        unread = rest
    }

    // MARK: Handshake

    /// - Returns: false when nothing more can be made of the bytes yet.
    private func takeHandshake(_ buffer: inout ByteBuffer) -> Bool {
        guard var handshake else { return false }
        let (outcome, byteCount) = buffer.withUnsafeReadableBytes { handshake.take(RawSpan(_unsafeBytes: $0)) }
        buffer.moveReaderIndex(forwardBy: byteCount)
        takeOutput(of: &handshake)
        self.handshake = handshake
        switch outcome {
        case .needsMore: return false
        case .proceeded: writeOutput()
        case .proved(let facts): establish(facts)
        case .refused(let refusal): end(.refused(refusal))
        }
        return true
    }

    private func takeOutput(of handshake: inout Handshake) {
        output.writeBytes(handshake.output)
        handshake.output = []
    }

    private func establish(_ facts: PeerFacts) {
        timeout?.cancel()
        handshake = nil
        self.facts = facts
        phase = .established
        isHeld = true
        let reason = transport.welcome(self, facts)
        isHeld = false
        if let reason {
            end(.refused(.unwelcome(reason)))
        } else {
            writeOutput()
        }
    }

    // MARK: The end

    /// Ends the connection, once; says so to the transport, and if need be to the other side.
    func end(_ reason: ConnectionEnd) {
        guard phase != .ended else { return }
        let reason = phase == .handshake && reason == .closed ? .refused(.cutShort) : reason
        phase = .ended
        timeout?.cancel()
        handshake = nil
        unread = ByteBuffer()
        output = ByteBuffer()
        transport.ended(self, reason)
        if case .refused(let refusal) = reason, refusal.isAnswered { write(rejection: "\(refusal)") }
        context?.close(promise: nil)
    }

    private func write(rejection text: String) {
        guard let context else { return }
        let builder = ByteBuilder(capacity: 320)
        Rejection.append(text, to: builder)
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(bytes: builder.bytes.withUnsafeBytes { [UInt8]($0) })), promise: nil)
    }
}
