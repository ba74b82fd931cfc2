import CoreTypes
import NIOCore
import NIOPosix

@testable import PeerTransport

/// A wait that took too long.
struct TooLate: Error, CustomStringConvertible {
    var description: String
}

/// A station as a test sees it.
struct RunningStation: Sendable {
    let eventLoop: any EventLoop
    let log = LogRecorder()
    private let bound: NIOLoopBound<Station>
    let port: Int

    /// Starts one that listens on a free port, or on the given one.
    init(
        _ replica: UInt8, peers: [UInt8: Int], port: Int = 0, secret: [UInt8]? = secret,
        options: PeerTransportOptions = .patient,
        prepare: @escaping @Sendable (Station) -> Void = { _ in }
    ) async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        self.eventLoop = eventLoop
        let logger = log.logger
        bound = try await eventLoop.submit {
            let station = Station(facts: facts(replica))
            prepare(station)
            var addresses: [ReplicaID: PeerAddress] = [:]
            for (peer, port) in peers { addresses[number(peer)] = PeerAddress(host: "127.0.0.1", port: port) }
            station.transport = PeerTransport(
                eventLoop: eventLoop, ownReplica: number(replica),
                listenAddress: PeerAddress(host: "127.0.0.1", port: port), peers: addresses, secret: secret,
                logger: logger, delegate: station, options: options)
            return NIOLoopBound(station, eventLoop: eventLoop)
        }.get()
        let bound = bound
        try await eventLoop.flatSubmit {
            bound.value.transport?.start() ?? eventLoop.makeSucceededVoidFuture()
        }.get()
        self.port = try await eventLoop.submit { bound.value.transport?.listeningPort ?? 0 }.get()
    }

    func run<Result: Sendable>(_ body: @escaping @Sendable (Station) throws -> Result) async throws -> Result {
        try await eventLoop.submit { [bound] in try body(bound.value) }.get()
    }

    func stop() async throws {
        try await eventLoop.flatSubmit { [bound, eventLoop] in
            bound.value.transport?.stop() ?? eventLoop.makeSucceededVoidFuture()
        }.get()
    }

    /// Waits until something is true of the station.
    func wait(_ what: String, seconds: Int64 = 20, until condition: @escaping @Sendable (Station) -> Bool) async throws
    {
        let promise = eventLoop.makePromise(of: Void.self)
        let deadline = NIODeadline.now() + .seconds(seconds)
        eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(2)) { [bound] task in
            if condition(bound.value) {
                task.cancel()
                promise.succeed()
            } else if NIODeadline.now() > deadline {
                task.cancel()
                promise.fail(TooLate(description: "\(what): not within \(seconds) s; \(bound.value.events)"))
            }
        }
        try await promise.futureResult.get()
    }
}
