import CoreTypes
import NIOCore
import Testing

@testable import PeerTransport

@Suite("Connections that are refused")
struct RefusalTests {
    /// Stations 1 and 2, connected, with room for 3 and 4; whatever befalls others, these two are not disturbed.
    private func withPair(
        options: PeerTransportOptions = .patient, _ body: (RunningStation) async throws -> Void
    ) async throws {
        let first = try await RunningStation(1, peers: [2: 1, 3: 1, 4: 1], options: options)
        let second = try await RunningStation(2, peers: [1: first.port]) { $0.echoes = true }
        try await first.wait("the pair") { $0.isConnected(to: 2) }
        try await body(first)
        try await first.run { station in
            station.send([42], to: number(2))
            station.flush()
        }
        try await first.wait("the undisturbed echo") { $0.received[2] == [[42]] }
        let events = try await first.run { station in
            station.events.filter { $0 != .connected(3) && $0 != .disconnected(3) }
        }
        #expect(events == [.connected(2)])
        try await first.stop()
        try await second.stop()
    }

    private func text(_ rejection: [UInt8]) -> String { Rejection.read(rejection.span.bytes) ?? "" }

    @Test("garbage is cut off without an answer, and logged once")
    func garbage() async throws {
        try await withPair { first in
            for index in 0..<20 {
                let raw = try await RawPeer(port: first.port)
                try await raw.send(index % 2 == 0 ? Array("GET / HTTP/1.1\r\n\r\n".utf8) : [0])
                let answer = try await raw.closed()
                #expect(answer.isEmpty)
            }
            try await first.wait("20 refusals") { $0.counters.refused == 20 }
            #expect(first.log.count(of: "first bytes") == 1)
        }
    }

    @Test("a greeting that says it is too long is cut off before the rest of it comes")
    func oversizedGreeting() async throws {
        try await withPair { first in
            let raw = try await RawPeer(port: first.port)
            var bytes = greeting(3, to: 1)
            bytes[15] = 0xFF
            try await raw.send([UInt8](bytes[..<16]))
            _ = try await raw.closed()
            #expect(first.log.count(of: "too long") == 1)
        }
    }

    @Test("another version, receiver, replica or cluster, and a missing secret, are told so")
    func answered() async throws {
        try await withPair { first in
            var version = greeting(3, to: 1)
            version[10] = 77
            var cluster = greeting(3, to: 1)
            // The lowest byte of the cluster.
            cluster[49 + 17 + 1 + 8] = 9
            let rows: [([UInt8], String)] = [
                (version, "version is 1.77"), (cluster, "another cluster"), (greeting(3, to: 2), "wants replica 2"),
                (greeting(9, to: 1), "does not name replica 9"),
                (greeting(3, to: 1, secret: false), "shares no secret"),
            ]
            for (bytes, reason) in rows {
                let raw = try await RawPeer(port: first.port)
                try await raw.send(bytes)
                let answer = try await raw.closed()
                #expect(text(answer).contains(reason), "\(text(answer))")
                #expect(first.log.count(of: reason) == 1)
            }
        }
    }

    @Test("a wrong secret is refused on both sides, without a word to the engines")
    func wrongSecret() async throws {
        try await withPair { first in
            let other = try await RunningStation(3, peers: [1: first.port], secret: otherSecret)
            try await first.wait("two refusals") { $0.counters.refused >= 2 }
            try await other.wait("two refusals") { $0.counters.refused >= 2 }
            let seen = try await other.run { $0.seen }
            #expect(seen.isEmpty)
            #expect(first.log.count(of: "its secret is another one") == 1)
            #expect(other.log.count(of: "the other side says: its secret is another one") == 1)
            try await other.stop()
        }
    }

    @Test("another cluster is refused by the one that is dialled, before any proof")
    func wrongCluster() async throws {
        try await withPair { first in
            let other = try await RunningStation(3, peers: [1: first.port]) {
                $0.facts.cluster = Identifier128(high: 5, low: 5)
            }
            try await other.wait("a refusal") { $0.counters.refused >= 1 }
            #expect(other.log.count(of: "replica 3 belongs to another cluster") == 1)
            try await other.stop()
        }
    }

    @Test("whom the engine does not want is told its reason, on either side")
    func unwelcome() async throws {
        try await withPair { first in
            try await first.run { $0.refusal = "other voters" }
            let other = try await RunningStation(3, peers: [1: first.port]) { $0.greetings = [[1]] }
            try await other.wait("a refusal") { $0.counters.refused >= 1 }
            #expect(other.log.count(of: "the other side says: other voters") == 1)
            let seen = try await other.run { $0.seen }
            #expect(seen.isEmpty, "the dialler's engine is asked last")
            // In this order: an attempt between the two would make a connection that both want.
            try await other.run { $0.refusal = "no" }
            try await first.run { $0.refusal = nil }
            try await first.wait("a connection that ends") {
                $0.events.contains(.connected(3)) && $0.events.contains(.disconnected(3))
            }
            try await other.stop()
        }
    }

    @Test("a recorded handshake does not serve another time")
    func replayed() async throws {
        try await withPair { first in
            let raw = try await RawPeer(port: first.port)
            let recorded = try await raw.shakeHands(as: 3, with: 1)
            try await first.wait("the first") { $0.isConnected(to: 3) }
            let again = try await RawPeer(port: first.port)
            try await again.send(recorded)
            let answer = try await again.closed()
            let rest = [UInt8](answer.dropFirst(greeting(1, to: 3).count))
            #expect(text(rest) == "its secret is another one")
            let isConnected = try await first.run { $0.isConnected(to: 3) }
            #expect(isConnected)
            try await raw.close()
        }
    }

    @Test("a handshake that is too slow is cut off, whatever it has sent", arguments: [0, 5, 60])
    func slow(byteCount: Int) async throws {
        var options = PeerTransportOptions.patient
        options.handshakeMillisecondsMax = 200
        try await withPair(options: options) { first in
            let raw = try await RawPeer(port: first.port)
            if byteCount > 0 { try await raw.send([UInt8](greeting(3, to: 1)[..<byteCount])) }
            let answer = try await raw.closed()
            #expect(text(answer).contains("no handshake within"))
        }
    }

    @Test("a dialler gives up on one that says nothing, and dials again")
    func silentAcceptor() async throws {
        var options = PeerTransportOptions.patient
        options.handshakeMillisecondsMax = 100
        let silent = try await SilentListener()
        let dialler = try await RunningStation(2, peers: [1: silent.port], options: options)
        try await dialler.wait("three attempts") { $0.counters.refused >= 3 }
        #expect(dialler.log.count(of: "no handshake within") == 1)
        try await dialler.stop()
        try await silent.stop()
    }

    @Test("of too many silent connections the oldest are cut off, and a replica still gets in")
    func crowd() async throws {
        var options = PeerTransportOptions.patient
        options.unprovenConnectionCountMax = 8
        // Longer than the test waits for anything: only the crowd can end a connection.
        options.handshakeMillisecondsMax = 120_000
        try await withPair(options: options) { first in
            var crowd: [RawPeer] = []
            for _ in 0..<20 { crowd.append(try await RawPeer(port: first.port)) }
            for raw in crowd[..<12] { _ = try await raw.closed() }
            let count = try await first.run { $0.transport?.unproven.count }
            #expect(count == 8)
            #expect(first.log.count(of: "too many connections") == 1)
            let raw = try await RawPeer(port: first.port)
            try await raw.shakeHands(as: 3, with: 1)
            try await first.wait("the replica") { $0.isConnected(to: 3) }
            try await raw.close()
            for raw in crowd { try await raw.close() }
        }
    }
}
