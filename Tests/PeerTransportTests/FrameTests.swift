import CoreTypes
import NIOCore
import Testing

@testable import PeerTransport

@Suite("Frames that are not taken")
struct FrameTests {
    private func withPeer(
        _ body: (RunningStation, RawPeer) async throws -> Void
    ) async throws {
        let station = try await RunningStation(1, peers: [2: 1, 3: 1])
        let raw = try await RawPeer(port: station.port)
        try await raw.shakeHands(as: 3, with: 1)
        try await station.wait("the peer") { $0.isConnected(to: 3) }
        try await body(station, raw)
        try await raw.close()
        try await station.stop()
    }

    @Test("a broken frame ends the connection, and what came before it was delivered")
    func broken() async throws {
        var wrongChecksum = frame([1, 2, 3], number: 1)
        wrongChecksum[4] ^= 1
        var wrongBody = frame([1, 2, 3], number: 1)
        wrongBody[10] ^= 0x80
        let rows: [([UInt8], String)] = [
            (wrongChecksum, "checksum"), (wrongBody, "checksum"),
            // A frame that was sent before, or of another place in the order.
            (frame([9], number: 0), "checksum"), (frame([1], number: 2), "checksum"),
            ([0, 0, 0, 0, 0, 0, 0, 0], "a frame of 0 bytes"),
            ([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], "a frame of 4294967295 bytes"),
            (
                withUnsafeBytes(of: UInt32(Limits.peerBodyByteCountMax + 1).littleEndian) { [UInt8]($0) } + [
                    0, 0, 0, 0,
                ],
                "a frame of \(Limits.peerBodyByteCountMax + 1) bytes"
            ),
            (frame(Array("malformed".utf8), number: 1), "a message is malformed"),
        ]
        for (bytes, reason) in rows {
            try await withPeer { station, raw in
                try await raw.send(frame([9], number: 0) + bytes)
                _ = try await raw.closed()
                try await station.wait("the end") { $0.events == [.connected(3), .disconnected(3)] }
                let (received, faulty) = try await station.run { ($0.received[3], $0.counters.faulty) }
                #expect(received == [[9]] && faulty == 1)
                #expect(station.log.count(of: reason) == 1, "\(station.log.lines)")
            }
        }
    }

    @Test("a frame may come in any pieces")
    func pieces() async throws {
        try await withPeer { station, raw in
            let bodies: [[UInt8]] = [[1], [UInt8](repeating: 2, count: 300), [3, 3]]
            for (index, body) in bodies.enumerated() {
                for byte in frame(body, number: UInt64(index)) { try await raw.send([byte]) }
            }
            try await station.wait("all") { $0.received[3] == bodies }
        }
    }

    @Test("a newer connection of a peer replaces the older, whose end is reported first")
    func replaced() async throws {
        try await withPeer { station, raw in
            let newer = try await RawPeer(port: station.port)
            try await newer.shakeHands(as: 3, with: 1, nonce: 51)
            _ = try await raw.closed()
            try await station.wait("the newer") { $0.events == [.connected(3), .disconnected(3), .connected(3)] }
            try await newer.send(frame([5], number: 0))
            try await station.wait("its frame") { $0.received[3] == [[5]] }
            try await newer.close()
            try await station.wait("its end") { $0.events.last == .disconnected(3) }
        }
    }

    @Test("a peer that does not read is cut off before it holds more than the limit")
    func slowReader() async throws {
        var options = PeerTransportOptions.patient
        options.queueByteCountMax = 1_000_000
        let station = try await RunningStation(1, peers: [2: 1, 3: 1], options: options)
        let raw = try await RawPeer(port: station.port)
        try await raw.shakeHands(as: 3, with: 1)
        try await raw.stopReading()
        try await station.wait("the peer") { $0.isConnected(to: 3) }
        // Far more than the kernel's buffers of both sides take, in pieces that it is given one by one.
        let most = try await station.run { station in
            let body = [UInt8](repeating: 7, count: 10_000)
            var most = 0
            for _ in 0..<10_000 where station.isConnected(to: 3) {
                station.send(body, to: number(3))
                station.flush()
                if let connection = station.transport?.link(number(3))?.connection {
                    most = max(most, connection.output.readableBytes)
                }
            }
            return most
        }
        #expect(most > 100_000 && most <= 1_000_000, "\(most) bytes waited")
        try await station.wait("the end") { $0.events == [.connected(3), .disconnected(3)] }
        let counters = try await station.run { $0.counters }
        #expect(counters.overflowed == 1 && counters.droppedFrames >= 1)
        #expect(station.log.count(of: "does not read") == 1)
        try await raw.close()
        try await station.stop()
    }

    @Test("a peer that reads again gets all that waited, in order")
    func pausedReader() async throws {
        try await withPeer { station, raw in
            try await raw.stopReading()
            let bodies = (0..<3_000).map { index in [UInt8](repeating: UInt8(index & 0xFF), count: 5_000) }
            try await station.run { station in
                for body in bodies {
                    station.send(body, to: number(3))
                    station.flush()
                }
            }
            try await raw.resumeReading()
            for (index, body) in bodies.enumerated() {
                let received = try await raw.receive(FrameHeader.byteCount + body.count)
                guard received == frame(body, number: UInt64(index)) else {
                    Issue.record("frame \(index) is another one")
                    return
                }
            }
        }
    }
}
