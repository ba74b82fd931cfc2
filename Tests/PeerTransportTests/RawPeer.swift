import CoreTypes
import NIOCore
import NIOPosix

@testable import PeerTransport

/// A bare socket: sends what it is told to, and keeps what it gets.
struct RawPeer: Sendable {
    /// Keeps the bytes of one channel. Confined to its loop.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        var bytes: [UInt8] = []
        var isClosed = false

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
        }
        func channelInactive(context: ChannelHandlerContext) { isClosed = true }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let channel: any Channel
    private let collector: NIOLoopBound<Collector>

    init(port: Int) async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let collector = try await eventLoop.submit { NIOLoopBound(Collector(), eventLoop: eventLoop) }.get()
        self.collector = collector
        channel = try await ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(collector.value)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

    /// What comes stays in the kernel from now on.
    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).get() }

    func close() async throws { try? await channel.close().get() }

    /// Waits for as many bytes, and takes them.
    func receive(_ count: Int) async throws -> [UInt8] {
        try await wait("\(count) bytes") { $0.bytes.count >= count }
        return try await channel.eventLoop.submit { [collector] in
            let bytes = Array(collector.value.bytes.prefix(count))
            collector.value.bytes.removeFirst(count)
            return bytes
        }.get()
    }

    /// Waits for the end of the connection.
    ///
    /// - Returns: the bytes before it that nobody took.
    func closed() async throws -> [UInt8] {
        try await wait("the end of a connection") { $0.isClosed }
        return try await channel.eventLoop.submit { [collector] in collector.value.bytes }.get()
    }

    private func wait(_ what: String, until condition: @escaping @Sendable (Collector) -> Bool) async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let deadline = NIODeadline.now() + .seconds(20)
        channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(2)) { [collector] task in
            if condition(collector.value) {
                task.cancel()
                promise.succeed()
            } else if NIODeadline.now() > deadline {
                task.cancel()
                promise.fail(TooLate(description: what))
            }
        }
        try await promise.futureResult.get()
    }

    /// Goes through the handshake as a replica that dials.
    ///
    /// - Returns: all that it sent.
    @discardableResult
    func shakeHands(as replica: UInt8, with target: UInt8, nonce: UInt8 = 50) async throws -> [UInt8] {
        var handshake = Handshake(dialling: number(target), terms(replica, nonce: nonce, peers: [1, 2, 3, 4]))
        var sent = handshake.takeOutput()
        try await send(sent)
        let answer = try await receive(greeting(target, to: replica).count)
        guard case .needsMore = handshake.take(all: answer).outcome else { throw TooLate(description: "refused") }
        let proof = handshake.takeOutput()
        try await send(proof)
        sent += proof
        let outcome = handshake.take(all: try await receive(Proof.byteCount)).outcome
        guard outcome == .proved(facts(target)) else { throw TooLate(description: "\(outcome)") }
        return sent
    }
}
