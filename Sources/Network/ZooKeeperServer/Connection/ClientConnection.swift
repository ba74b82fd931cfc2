import CoreTypes
import Logging
import NIOCore
import ReplicaEngine
import ZooKeeperWire

/// One client's connection: the last handler of its channel, from bytes to requests and from results to bytes.
///
/// The rules of order live in `ConnectionStateMachine`; this class moves bytes and does what that value says. Requests
/// are decoded where they were read; what is copied is a command's body, once, into the engine's batch. Replies gather
/// in `output` and leave in one write per turn of the event loop.
///
/// Thread: the event loop of the channel, which is the server's and drives the engine.
final class ClientConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let server: ZooKeeperServer
    let address: SocketAddress?
    var identities: ClientIdentities
    var machine = ConnectionStateMachine()
    /// The name under which this connection holds its session; none before the first frame.
    var attachment = AttachmentID.none
    var statistics = ConnectionStatistics()
    /// Where this connection stands in the server's list. Kept by the list.
    var listIndex = 0
    /// When a connection without a session is cut off, in nanoseconds of the monotonic clock.
    let connectDeadline: Int64

    var context: ChannelHandlerContext?
    /// The bytes of a frame that is not whole yet, or of requests that must wait unread.
    var unread = ByteBuffer()
    /// Replies and events that have not been written to the channel.
    var output = ByteBuffer()
    /// Bodies of requests that wait for their turn.
    var kept = KeptRequests()
    /// The engine's batch that took this connection's last command or barrier.
    var lastBatchNumber: UInt64 = 0
    /// True while the connection is in the server's list of those that have output or must end.
    var isMarked = false
    /// True when the channel asked to read and was held back.
    var isReadHeld = false
    /// False until the first four bytes were looked at.
    var isRecognised = false

    init(server: ZooKeeperServer, address: SocketAddress?, now: Int64) {
        self.server = server
        self.address = address
        identities = ClientIdentities(address: address?.addressBytes ?? [])
        connectDeadline = now + Int64(server.configuration.connectTimeoutMilliseconds) * 1_000_000
    }

    // MARK: The channel's calls

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) { server.connectionOpened(self) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        server.noteTime()
        var incoming = unwrapInboundIn(data)
        server.statistics.receivedByteCount += UInt64(incoming.readableBytes)
        if unread.readableBytes == 0 {
            consume(&incoming)
            if incoming.readableBytes > 0 { unread = incoming }
        } else {
            unread.writeBuffer(&incoming)
            consumeUnread()
        }
    }

    /// Not called on when the connection has as much under way as it may.
    func read(context: ChannelHandlerContext) {
        if mustWait { isReadHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { resumeReading() }
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        server.logger.debug("connection failed", metadata: ["client": "\(endpoint)", "error": "\(error)"])
        context.close(promise: nil)
    }

    // MARK: Ends

    var endpoint: String { address?.endpoint ?? "local" }

    /// Cuts the connection off: what is outstanding is not answered.
    func cutOff(_ reason: String) {
        guard machine.phase != .closed else { return }
        server.statistics.droppedConnections += 1
        server.logger.info("connection cut off", metadata: ["client": "\(endpoint)", "reason": "\(reason)"])
        closeChannel()
    }

    /// Closes the channel behind what was written to it.
    func closeChannel() {
        machine.closed()
        kept.removeAll()
        unread = ByteBuffer()
        context?.close(promise: nil)
    }

    /// The channel is gone: the session waits for its timeout or for another attachment.
    private func end() {
        machine.closed()
        kept.removeAll()
        unread = ByteBuffer()
        output = ByteBuffer()
        server.connectionClosed(self)
    }
}
