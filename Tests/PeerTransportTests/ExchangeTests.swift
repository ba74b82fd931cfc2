import CoreTypes
import NIOCore
import Testing

@testable import PeerTransport

@Suite("Transports that talk")
struct ExchangeTests {
    /// Three stations, each connected with both others.
    private func three(
        options: PeerTransportOptions = .patient,
        prepare: @escaping @Sendable (Station) -> Void = { _ in }
    ) async throws -> [RunningStation] {
        let first = try await RunningStation(1, peers: [2: 1, 3: 1], options: options, prepare: prepare)
        let second = try await RunningStation(2, peers: [1: first.port, 3: 1], options: options, prepare: prepare)
        let third = try await RunningStation(
            3, peers: [1: first.port, 2: second.port], options: options, prepare: prepare)
        try await first.wait("1 with both") { $0.isConnected(to: 2, 3) }
        try await second.wait("2 with both") { $0.isConnected(to: 1, 3) }
        try await third.wait("3 with both") { $0.isConnected(to: 1, 2) }
        return [first, second, third]
    }

    private func stop(_ stations: [RunningStation]) async throws {
        for station in stations { try await station.stop() }
    }

    /// The body that a station sends as its n-th: mostly short, at times larger than any read.
    private static func body(_ index: Int, from replica: UInt8) -> [UInt8] {
        let byteCount = index % 500 == 499 ? 3_000_000 : index % 61 * 17
        var random = SplitMix64(seed: UInt64(index))
        let filler = UInt8(truncatingIfNeeded: random.next())
        return [replica, UInt8(index & 0xFF), UInt8(index >> 8)] + [UInt8](repeating: filler, count: byteCount)
    }

    @Test("three stations send one another thousands of frames, and all arrive in order")
    func exchange() async throws {
        let stations = try await three()
        let frameCount = 2_000
        for start in stride(from: 0, to: frameCount, by: 100) {
            for (place, station) in stations.enumerated() {
                try await station.run { station in
                    for index in start..<(start + 100) {
                        for peer in 1...3 where peer != place + 1 {
                            station.send(Self.body(index, from: UInt8(place + 1)), to: number(UInt8(peer)))
                        }
                        if index % 7 == 0 { station.flush() }
                    }
                    station.flush()
                }
            }
        }
        for (place, station) in stations.enumerated() {
            for peer in [1, 2, 3] as [UInt8] where Int(peer) != place + 1 {
                try await station.wait("all frames of \(peer)", seconds: 60) { $0.received[peer]?.count == frameCount }
                let wrong = try await station.run { station in
                    station.received[peer]?.enumerated().first { $1 != Self.body($0, from: peer) }?.offset
                }
                #expect(wrong == nil, "station \(place + 1), frames of \(peer)")
            }
            let events = try await station.run { $0.events }
            #expect(events.count == 2, "\(events)")
        }
        try await stop(stations)
    }

    @Test("what is sent from within a call of the transport arrives, right behind the handshake too")
    func echo() async throws {
        let bodies = (0..<20).map { [UInt8]("hello \($0)".utf8) }
        let first = try await RunningStation(1, peers: [2: 1]) { $0.echoes = true }
        let second = try await RunningStation(2, peers: [1: first.port]) { $0.greetings = bodies }
        try await second.wait("the echo") { $0.received[1] == bodies }
        let (reads, counters) = try await first.run { ($0.readCompleteCount, $0.counters) }
        #expect(reads >= 1 && reads <= bodies.count)
        #expect(counters.receivedFrames == 20 && counters.sentFrames == 20 && counters.connected == 1)
        try await stop([first, second])
    }

    @Test("what nobody waits for leaves at once to an idle peer, and else with the next body, in order")
    func unhurried() async throws {
        var options = PeerTransportOptions.patient
        // So long that only another body can take it along.
        options.unhurriedMicroseconds = 3_600_000_000
        let first = try await RunningStation(1, peers: [2: 1], options: options)
        let second = try await RunningStation(2, peers: [1: first.port], options: options)
        try await first.wait("a peer") { $0.isConnected(to: 2) }
        try await first.run { station in
            station.sendUnhurried([0], to: number(2))
            station.flush()
        }
        try await second.wait("what was sent to an idle peer") { $0.received[1] == [[0]] }
        try await first.run { station in
            station.send([1], to: number(2))
            station.flush()
            station.sendUnhurried([2], to: number(2))
            station.flush()
        }
        try await second.wait("what was waited for") { $0.received[1] == [[0], [1]] }
        let writtenByteCount = try await first.run { $0.counters.sentByteCount }
        try await first.run { station in
            station.send([3], to: number(2))
            station.flush()
        }
        try await second.wait("the rest") { $0.received[1] == [[0], [1], [2], [3]] }
        let laterByteCount = try await first.run { $0.counters.sentByteCount }
        #expect(laterByteCount - writtenByteCount == 2 * UInt64(FrameHeader.byteCount + 1))
        try await stop([first, second])
    }

    @Test("what is sent later does not even leave to an idle peer, but with the next body, in order")
    func later() async throws {
        var options = PeerTransportOptions.patient
        options.laterMicroseconds = 3_600_000_000
        let first = try await RunningStation(1, peers: [2: 1], options: options)
        let second = try await RunningStation(2, peers: [1: first.port], options: options)
        try await first.wait("a peer") { $0.isConnected(to: 2) }
        let before = try await first.run { $0.counters.sentByteCount }
        try await first.run { station in
            station.sendLater([1], to: number(2))
            station.flush()
            station.sendLater([2], to: number(2))
            station.flush()
        }
        #expect(try await first.run { $0.counters.sentByteCount } == before)
        try await first.run { station in
            station.send([3], to: number(2))
            station.flush()
        }
        try await second.wait("everything") { $0.received[1] == [[1], [2], [3]] }
        try await stop([first, second])
    }

    @Test("what is sent later leaves by itself after a moment")
    func laterAlone() async throws {
        var options = PeerTransportOptions.patient
        options.laterMicroseconds = 50_000
        let first = try await RunningStation(1, peers: [2: 1], options: options)
        let second = try await RunningStation(2, peers: [1: first.port], options: options)
        try await first.wait("a peer") { $0.isConnected(to: 2) }
        for body in [[0], [1]] as [[UInt8]] {
            try await first.run { station in
                station.sendLater(body, to: number(2))
                station.flush()
            }
            try await second.wait("what was sent") { $0.received[1]?.last == body }
        }
        try await stop([first, second])
    }

    @Test("what nobody waits for leaves by itself after a moment")
    func unhurriedAlone() async throws {
        var options = PeerTransportOptions.patient
        options.unhurriedMicroseconds = 50_000
        let first = try await RunningStation(1, peers: [2: 1], options: options)
        let second = try await RunningStation(2, peers: [1: first.port], options: options)
        try await first.wait("a peer") { $0.isConnected(to: 2) }
        try await first.run { station in
            for body in [[0], [1]] as [[UInt8]] {
                station.send(body, to: number(2))
                station.flush()
            }
            station.sendUnhurried([2], to: number(2))
            station.flush()
        }
        try await second.wait("everything") { $0.received[1] == [[0], [1], [2]] }
        try await stop([first, second])
    }

    @Test("a peer that restarts is noticed at once and connected with again", arguments: [true, false])
    func restart(diallerRestarts: Bool) async throws {
        let first = try await RunningStation(1, peers: [2: 1])
        let second = try await RunningStation(2, peers: [1: first.port])
        try await first.wait("the first connection") { $0.isConnected(to: 2) }
        try await second.wait("the first connection") { $0.isConnected(to: 1) }
        let (gone, left) = diallerRestarts ? (second, first) : (first, second)
        let (goneNumber, leftNumber): (UInt8, UInt8) = diallerRestarts ? (2, 1) : (1, 2)
        try await gone.stop()
        try await left.wait("the end") { $0.events == [.connected(goneNumber), .disconnected(goneNumber)] }
        try await left.run { station in
            station.send([1], to: number(goneNumber))
            station.flush()
        }
        let dropped = try await left.run { $0.counters.droppedFrames }
        #expect(dropped == 1)
        let again = try await RunningStation(
            goneNumber, peers: [leftNumber: left.port], port: gone.port
        ) { $0.greetings = [[7]] }
        try await left.wait("the second connection") { $0.isConnected(to: goneNumber) }
        try await left.wait("its frame") { $0.received[goneNumber] == [[7]] }
        let events = try await gone.run { $0.events }
        #expect(events == [.connected(leftNumber)], "nothing is reported after a stop")
        try await stop([left, again])
    }

    @Test("new facts are told by a new greeting")
    func facts() async throws {
        let first = try await RunningStation(1, peers: [2: 1]) { $0.facts.cluster = nil }
        let second = try await RunningStation(2, peers: [1: first.port])
        try await second.wait("the first connection") { $0.isConnected(to: 1) }
        try await first.run { station in
            station.facts.cluster = Identifier128(high: 0, low: 7)
            station.transport?.greetAgain()
        }
        try await second.wait("the new facts") { $0.seen.count == 2 }
        let seen = try await second.run { station in station.seen.map { $0.cluster?.low } }
        #expect(seen == [nil, 7])
        let events = try await second.run { $0.events }
        #expect(events == [.connected(1), .disconnected(1), .connected(1)])
        try await stop([first, second])
    }

    @Test("a connection that the engine drops is reported and made again")
    func disconnect() async throws {
        let first = try await RunningStation(1, peers: [2: 1])
        let second = try await RunningStation(2, peers: [1: first.port])
        try await first.wait("the first connection") { $0.isConnected(to: 2) }
        try await first.run { $0.transport?.disconnect(number(2), reason: "a test") }
        try await first.wait("the second") {
            $0.events == [.connected(2), .disconnected(2), .connected(2)]
        }
        try await stop([first, second])
    }

    @Test("without a secret one machine's replicas talk, and no other address is taken")
    func noSecret() async throws {
        let first = try await RunningStation(1, peers: [2: 1], secret: nil)
        let second = try await RunningStation(2, peers: [1: first.port], secret: nil)
        try await first.wait("the connection") { $0.isConnected(to: 2) }
        try await stop([first, second])
        for (host, isLoopback) in [
            ("127.0.0.1", true), ("127.9.8.7", true), ("::1", true), ("localhost", true), ("0.0.0.0", false),
            ("10.0.0.1", false), ("::", false), ("replica.example", false), ("127.0.0.1.example", false),
        ] {
            let address = PeerAddress(host: host, port: 1)
            #expect(address.isLoopback == isLoopback, "\(host)")
        }
        try await refusesToStart(
            .secretNeeded(address: "10.0.0.1:5"), listen: "127.0.0.1", peer: "10.0.0.1", secret: nil)
        try await refusesToStart(.secretNeeded(address: "0.0.0.0:0"), listen: "0.0.0.0", peer: "127.0.0.1", secret: nil)
        try await refusesToStart(
            .secretTooShort(byteCount: 15, least: 16), listen: "127.0.0.1", peer: "127.0.0.1",
            secret: [UInt8](repeating: 1, count: 15))
    }

    private func refusesToStart(
        _ expected: PeerTransportError, listen: String, peer: String, secret: [UInt8]?
    ) async throws {
        let station = try await RunningStation(1, peers: [:])
        let eventLoop = station.eventLoop
        await #expect(throws: expected) {
            try await eventLoop.flatSubmit {
                let delegate = Station(facts: PeerTransportTests.facts(1))
                let transport = PeerTransport(
                    eventLoop: eventLoop, ownReplica: number(1), listenAddress: PeerAddress(host: listen, port: 0),
                    peers: [number(2): PeerAddress(host: peer, port: 5)], secret: secret, logger: station.log.logger,
                    delegate: delegate)
                return transport.start()
            }.get()
        }
        try await station.stop()
    }
}
